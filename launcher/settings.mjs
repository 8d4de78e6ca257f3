import { loadEnvFile as loadEnvFileOf } from '../server/deployment/env-file.mjs'
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
import {
  checkAllowList,
  checkDatabaseUrl,
  checkHandlers,
  checkHost,
  checkMail,
  checkMetricsToken,
  checkOidc,
  checkPools,
  checkRedisUrl,
  checkSecret,
  checkUrl,
  checkWholeNumber,
  wayToSecret,
} from './setting-checks.mjs'

/**
 * @typedef {object} Settings what the environment asks for, checked
 * @property {string | null} databaseUrl null: the embedded one
 * @property {string | null} redisUrl null: BullMQ on PostgreSQL
 * @property {number | null} port null: 3000 or the next free one
 * @property {string} host
 * @property {number} drainSeconds
 */

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/**
 * Takes variables from `.env` of this clone, as Next.js does. Variables that the environment has already are not
 * changed.
 */
export const loadEnvFile = () => loadEnvFileOf(root)

/**
 * Checks every variable. A wrong one is a Refusal that names it and what it may be.
 * @param {import('./processes.mjs').Environment} env empty values are removed from it, because they mean "not set"
 * @returns {Settings}
 */
export function readSettings(env) {
  for (const name of Object.keys(env)) {
    if (env[name]?.trim() === '' && SETTINGS.has(name)) delete env[name]
  }
  const databaseUrl = env.DATABASE_URL ?? null
  if (databaseUrl) checkDatabaseUrl(databaseUrl)
  if (env.REDIS_URL) checkRedisUrl(env.REDIS_URL)
  if (env.NEXTAUTH_URL) checkUrl('NEXTAUTH_URL', env.NEXTAUTH_URL, ['http:', 'https:'], 'https://jobs.example.com')
  if (env.LOG_LEVEL && !logLevels.includes(env.LOG_LEVEL)) {
    throw new Refusal(`LOG_LEVEL is "${env.LOG_LEVEL}"; it must be one of ${logLevels.join(', ')}.`)
  }
  checkWholeNumber(env, 'HEALTH_PORT')
  checkMetricsToken(env.METRICS_TOKEN)
  checkWholeNumber(env, 'ISOLATED_SLOTS')
  checkWholeNumber(env, 'INLINE_SLOTS')
  checkPools(env.WORKER_POOLS)
  checkWholeNumber(env, 'TRUSTED_PROXIES')
  checkWholeNumber(env, 'MAX_UPLOAD_BYTES')
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
    port: checkWholeNumber(env, 'PORT'),
    // A trial on a person's own machine should not be reached by others. A deployment is reached from outside, through
    // its proxy.
    host: env.HOST ?? (databaseUrl ? '0.0.0.0' : 'localhost'),
    drainSeconds: checkWholeNumber(env, 'DRAIN_SECONDS') ?? 15,
  }
}

/** The variables that `npm start` and its processes read. An empty value means "not set". @type {Set<string>} */
export const SETTINGS = new Set([
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
