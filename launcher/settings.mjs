import { statSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { bounds } from '../server/env-bounds.mjs'
import { loadEnvFile as loadEnvFileOf } from '../server/deployment/env-file.mjs'
import { isExample, isGuessable } from '../server/example-secret.mjs'
import {
  bucketUnusable,
  S3_VARIABLES,
  s3Problems,
  s3Settings,
  whyBucketUnusable,
} from '../server/storage/s3-client.mjs'
import { notWritable, whyNotWritable } from '../server/storage/writable.mjs'
import { Refusal } from './say.mjs'
import { root } from './paths.mjs'

/**
 * @typedef {object} Settings what the environment asks for, checked
 * @property {string | null} databaseUrl null: the embedded one
 * @property {string | null} redisUrl null: BullMQ on PostgreSQL
 * @property {number | null} port null: 3000 or the next free one
 * @property {string} host
 * @property {number} drainSeconds
 */

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Takes variables from `.env` of this clone, as Next.js does. Variables that the environment has already are not changed. */
export const loadEnvFile = () => loadEnvFileOf(root)

/**
 * Checks every variable. A wrong one is a Refusal that names it and what it may be.
 * @param {import('./processes.mjs').Environment} env empty values are removed from it, because they mean "not set"
 * @returns {Settings}
 */
export function readSettings(env) {
  for (const name of Object.keys(env)) {
    if (env[name]?.trim() === '' && checked.has(name)) delete env[name]
  }
  const databaseUrl = env.DATABASE_URL ?? null
  if (databaseUrl) checkDatabaseUrl(databaseUrl)
  if (env.REDIS_URL) checkRedisUrl(env.REDIS_URL)
  if (env.NEXTAUTH_URL) checkUrl('NEXTAUTH_URL', env.NEXTAUTH_URL, ['http:', 'https:'], 'https://jobs.example.com')
  if (env.LOG_LEVEL && !logLevels.includes(env.LOG_LEVEL)) {
    throw new Refusal(`LOG_LEVEL is "${env.LOG_LEVEL}"; it must be one of ${logLevels.join(', ')}.`)
  }
  whole(env, 'HEALTH_PORT')
  checkMetricsToken(env.METRICS_TOKEN)
  whole(env, 'ISOLATED_SLOTS')
  whole(env, 'INLINE_SLOTS')
  checkPools(env.WORKER_POOLS)
  whole(env, 'TRUSTED_PROXIES')
  whole(env, 'MAX_UPLOAD_BYTES')
  for (const { name, message } of s3Problems(env)) throw new Refusal(`${name} ${message}.`)
  checkSecret(env, 'NEXTAUTH_SECRET')
  checkSecret(env, 'HTTP_REQUEST_SECRET')
  // A local run without a secret makes its own and keeps it. Several production hosts must share one, so they have to
  // be given it.
  if (!env.NEXTAUTH_SECRET && databaseUrl && env.NODE_ENV === 'production') {
    throw new Refusal(`NEXTAUTH_SECRET is not set, and production needs one. ${wayToSecret}`)
  }
  checkAllowList(env.HTTP_REQUEST_ALLOW ?? '')
  checkOidc(env)
  checkMail(env)
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
    if (env[name]) checkUrl(name, env[name], ['http:', 'https:'], 'http://collector:4318')
  if (env.JOBYARD_EMBEDDED && !/^[01]$/.test(env.JOBYARD_EMBEDDED))
    throw new Refusal('JOBYARD_EMBEDDED must be 0 or 1. Leave it out: `npm start` sets it.')
  checkHost(env.HOST)
  checkHandlers(env.JOBYARD_HANDLERS)
  return {
    databaseUrl,
    redisUrl: env.REDIS_URL ?? null,
    port: whole(env, 'PORT'),
    // A trial on a person's own machine should not be reached by others. A deployment is reached from outside, through
    // its proxy.
    host: env.HOST ?? (databaseUrl ? '0.0.0.0' : 'localhost'),
    drainSeconds: whole(env, 'DRAIN_SECONDS') ?? 15,
  }
}

/** @type {Set<string>} */
const checked = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'PORT',
  'HOST',
  'NEXTAUTH_SECRET',
  'NEXTAUTH_URL',
  'STORAGE_DIR',
  ...S3_VARIABLES,
  'MAX_UPLOAD_BYTES',
  'DRAIN_SECONDS',
  'ISOLATED_SLOTS',
  'INLINE_SLOTS',
  'WORKER_POOLS',
  'LOG_LEVEL',
  'METRICS_TOKEN',
  'HEALTH_PORT',
  'TRUSTED_PROXIES',
  'HTTP_REQUEST_SECRET',
  'HTTP_REQUEST_ALLOW',
  'SMTP_URL',
  'MAIL_FROM',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_NAME',
  'JOBYARD_EMBEDDED',
  'JOBYARD_HANDLERS',
])

/**
 * @param {import('./processes.mjs').Environment} env
 * @param {keyof typeof bounds} name
 */
function whole(env, name) {
  const [min, max] = bounds[name]
  const text = env[name]
  if (text === undefined) return null
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Refusal(
      `${name} is "${text}"; it must be a whole number from ${min} to ${max}. Correct it or leave it out.`,
    )
  }
  return value
}

/**
 * As the processes read it (server/env.ts). The error never repeats it.
 * @param {string | undefined} text
 */
function checkMetricsToken(text) {
  if (text && !/^[\x21-\x7e]{16,}$/.test(text))
    throw new Refusal(
      'METRICS_TOKEN must have at least 16 characters without spaces. Make one with: openssl rand -hex 32',
    )
}

/**
 * As the workers read it (server/engine/domain/pools.ts).
 * @param {string | undefined} text
 */
function checkPools(text) {
  const wrong = text?.split(',').find((name) => !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name.trim()))
  if (wrong !== undefined)
    throw new Refusal(
      `WORKER_POOLS has ${wrong.trim() === '' ? 'an empty name' : `"${wrong.trim().slice(0, 120)}"`}; it must be names of worker pools with commas between them, as in reports,default. Leave it out to take every pool.`,
    )
}

/**
 * The parsed URL. An error never repeats the text itself, because it may contain a password.
 * @param {string} name
 * @param {string} text
 * @param {string[]} protocols
 * @param {string} example
 */
function checkUrl(name, text, protocols, example) {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !protocols.includes(url.protocol) || (url.host === '' && !url.searchParams.get('host'))) {
    throw new Refusal(
      `${name} is not a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}. It should look like ${example}.`,
    )
  }
  return url
}

/** @param {string} text */
function checkDatabaseUrl(text) {
  const example = 'postgresql://user:password@host:5432/database'
  const url = checkUrl('DATABASE_URL', text, ['postgres:', 'postgresql:'], example)
  if (url.pathname.length < 2) throw new Refusal(`DATABASE_URL names no database. It should look like ${example}.`)
  try {
    decodeURIComponent(url.username + url.password + url.pathname)
  } catch {
    throw new Refusal('DATABASE_URL holds a "%" that is not an escape; write a literal one as %25.')
  }
}

/** @param {string} text */
function checkRedisUrl(text) {
  const url = checkUrl('REDIS_URL', text, ['redis:', 'rediss:'], 'redis://:password@host:6379/0')
  if (!/^\/?\d*$/.test(url.pathname))
    throw new Refusal('REDIS_URL must end in a database number, such as /0, or in none.')
}

const wayToSecret = 'Set one of at least 32 characters: openssl rand -base64 32'

/**
 * @param {import('./processes.mjs').Environment} env
 * @param {'NEXTAUTH_SECRET' | 'HTTP_REQUEST_SECRET'} name
 */
function checkSecret(env, name) {
  const secret = env[name]
  if (secret !== undefined && (secret.length < 32 || isGuessable(secret))) {
    throw new Refusal(`${name} is too short or an example value. ${wayToSecret}`)
  }
}

/**
 * Checks the same as server/engine/domain/destination.ts, which uses a package that is not installed yet. @param
 * {string} text
 */
export function checkAllowList(text) {
  for (const entry of text.split(/[\s,]+/)) {
    if (entry !== '' && !isAllowable(entry)) {
      throw new Refusal(
        `HTTP_REQUEST_ALLOW holds "${entry}". It takes names, addresses and ranges, such as billing.internal, *.svc.local, 127.0.0.1:4000, 10.1.0.0/16.`,
      )
    }
  }
}

/** @param {string} entry */
function isAllowable(entry) {
  if (entry.includes('/')) {
    const [address = '', bits = ''] = entry.split('/')
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    return /^\d{1,3}$/.test(bits) && Number(bits) <= most
  }
  if (isIP(entry) === 6) return true
  const [, bracketed, name, port = '1'] =
    /^(?:\[([\da-f:.]+)\]|((?:\*\.)?[\w-]+(?:\.[\w-]+)*))(?::(\d{1,5}))?$/i.exec(entry) ?? []
  if (Number(port) < 1 || Number(port) > 65_535) return false
  if (isIP(bracketed ?? name ?? '') > 0) return true
  return name !== undefined && !/(?:^|\.)\d+$/.test(name)
}

/** @param {import('./processes.mjs').Environment} env */
function checkOidc(env) {
  const needed = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']
  const missing = needed.filter((name) => env[name] === undefined)
  if (missing.length === needed.length && env.OIDC_NAME === undefined) return
  if (missing.length > 0)
    throw new Refusal(
      `${missing.join(', ')} not set: sign-in by OIDC needs all of ${needed.join(', ')}, or none of them and no OIDC_NAME.`,
    )
  const url = URL.canParse(env.OIDC_ISSUER ?? '') ? new URL(env.OIDC_ISSUER ?? '') : null
  const local = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url?.protocol !== 'https:' && !local) {
    throw new Refusal(
      'OIDC_ISSUER must be an https address, such as https://login.example.com (http only on this machine).',
    )
  }
  if (isExample(env.OIDC_CLIENT_SECRET ?? ''))
    throw new Refusal('OIDC_CLIENT_SECRET is an example value. Take the one of your provider.')
  if ((env.OIDC_NAME ?? '').length > 40)
    throw new Refusal('OIDC_NAME has more than 40 characters; it stands on a button.')
}

/**
 * As the workers read it (server/env.ts).
 * @param {import('./processes.mjs').Environment} env
 */
function checkMail({ SMTP_URL, MAIL_FROM }) {
  if (SMTP_URL) checkUrl('SMTP_URL', SMTP_URL, ['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com')
  if ((SMTP_URL === undefined) !== (MAIL_FROM === undefined)) {
    const [missing, given] = SMTP_URL === undefined ? ['SMTP_URL', 'MAIL_FROM'] : ['MAIL_FROM', 'SMTP_URL']
    throw new Refusal(`${missing} is not set: mail needs it beside ${given}. Set both, or neither.`)
  }
  if ((MAIL_FROM ?? '').length > 320) throw new Refusal('MAIL_FROM has more than 320 characters.')
}

/**
 * The host is checked before it becomes part of a URL. A link-local address with its zone (fe80::1%eth0) cannot be
 * written in one. @param {string} [host]
 */
function checkHost(host = '') {
  const text = isIP(host) === 6 ? `[${host}]` : host
  if (host && (!URL.canParse(`http://${text}:1`) || /[/@?#]/.test(host))) {
    throw new Refusal(
      `HOST is "${host}"; it must be a name or an address of this machine, such as 127.0.0.1, without a port.`,
    )
  }
}

/** @param {string} [folder] */
function checkHandlers(folder) {
  if (folder === undefined || statSync(path.resolve(root, folder), { throwIfNoEntry: false })?.isDirectory()) return
  throw new Refusal(
    `JOBYARD_HANDLERS is "${folder}", and there is no such folder. Make it (\`npm run new:handler NAME\` does), or leave the variable out.`,
  )
}

/** Refuses a folder for artifacts that cannot be written to. @param {string} directory */
export function refuseUnusableStorage(directory) {
  const code = whyNotWritable(directory)
  if (code) throw new Refusal(notWritable(directory, code))
}

/**
 * Refuses a bucket in which files cannot be kept. It needs the packages, so they have to be installed before.
 * @param {import('./processes.mjs').Environment} env
 */
export async function refuseUnusableBucket(env) {
  const settings = s3Settings(env)
  const why = settings && (await whyBucketUnusable(settings))
  if (settings && why) throw new Refusal(bucketUnusable(settings, why))
}
