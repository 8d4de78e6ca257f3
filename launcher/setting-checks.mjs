import { statSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { bounds } from '../server/env-bounds.mjs'
import { isExample, isGuessable } from '../server/example-secret.mjs'
import { root } from './paths.mjs'
import { Refusal } from './say.mjs'

// How the value of each variable is checked before anything is started. A wrong value is a Refusal that names the
// variable and says what it may be. Which variables are checked, and in which order, is in settings.mjs.

/**
 * Returns a whole number from the environment, or null where it is not set.
 * @param {import('./processes.mjs').Environment} env
 * @param {keyof typeof bounds} name
 */
export function checkWholeNumber(env, name) {
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
 * Checks the token for metrics by the same rule as server/env.ts. The error never repeats the token, because it is a
 * secret.
 * @param {string | undefined} text
 */
export function checkMetricsToken(text) {
  if (text && !/^[\x21-\x7e]{16,}$/.test(text))
    throw new Refusal(
      'METRICS_TOKEN must have at least 16 characters without spaces. Make one with: openssl rand -hex 32',
    )
}

/**
 * Checks the names of worker pools by the same rule as the workers do (server/engine/domain/name-forms.ts).
 * @param {string | undefined} text
 */
export function checkPools(text) {
  const wrong = text?.split(',').find((name) => !/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name.trim()))
  if (wrong !== undefined)
    throw new Refusal(
      `WORKER_POOLS has ${wrong.trim() === '' ? 'an empty name' : `"${wrong.trim().slice(0, 120)}"`}; it must be names of worker pools with commas between them, as in reports,default. Leave it out to take every pool.`,
    )
}

/**
 * Parses a URL and checks its protocol. The error never repeats the text itself, because it may contain a password.
 * @param {string} name
 * @param {string} text
 * @param {string[]} protocols
 * @param {string} example
 */
export function checkUrl(name, text, protocols, example) {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !protocols.includes(url.protocol) || (url.host === '' && !url.searchParams.get('host'))) {
    throw new Refusal(
      `${name} is not a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}. It should look like ${example}.`,
    )
  }
  return url
}

/** @param {string} text */
export function checkDatabaseUrl(text) {
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
export function checkRedisUrl(text) {
  const url = checkUrl('REDIS_URL', text, ['redis:', 'rediss:'], 'redis://:password@host:6379/0')
  if (!/^\/?\d*$/.test(url.pathname))
    throw new Refusal('REDIS_URL must end in a database number, such as /0, or in none.')
}

export const wayToSecret = 'Set one of at least 32 characters: openssl rand -base64 32'

/**
 * @param {import('./processes.mjs').Environment} env
 * @param {'NEXTAUTH_SECRET' | 'HTTP_REQUEST_SECRET'} name
 */
export function checkSecret(env, name) {
  const secret = env[name]
  if (secret !== undefined && (secret.length < 32 || isGuessable(secret))) {
    throw new Refusal(`${name} is too short or an example value. ${wayToSecret}`)
  }
}

/**
 * Checks the same as server/engine/domain/destination.ts. That file uses a package that may not be installed yet.
 * @param {string} text
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
export function checkOidc(env) {
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
 * Checks the settings for mail by the same rules as the workers do (server/env.ts).
 * @param {import('./processes.mjs').Environment} env
 */
export function checkMail({ SMTP_URL, MAIL_FROM }) {
  if (SMTP_URL) checkUrl('SMTP_URL', SMTP_URL, ['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com')
  if ((SMTP_URL === undefined) !== (MAIL_FROM === undefined)) {
    const [missing, given] = SMTP_URL === undefined ? ['SMTP_URL', 'MAIL_FROM'] : ['MAIL_FROM', 'SMTP_URL']
    throw new Refusal(`${missing} is not set: mail needs it beside ${given}. Set both, or neither.`)
  }
  if ((MAIL_FROM ?? '').length > 320) throw new Refusal('MAIL_FROM has more than 320 characters.')
}

/**
 * Checks the host before it becomes part of a URL. A link-local address with its zone (fe80::1%eth0) is refused,
 * because a URL cannot contain one.
 * @param {string} [host]
 */
export function checkHost(host = '') {
  const text = isIP(host) === 6 ? `[${host}]` : host
  if (host && (!URL.canParse(`http://${text}:1`) || /[/@?#]/.test(host))) {
    throw new Refusal(
      `HOST is "${host}"; it must be a name or an address of this machine, such as 127.0.0.1, without a port.`,
    )
  }
}

/** @param {string} [folder] */
export function checkHandlers(folder) {
  if (folder === undefined || statSync(path.resolve(root, folder), { throwIfNoEntry: false })?.isDirectory()) return
  throw new Refusal(
    `JOBYARD_HANDLERS is "${folder}", and there is no such folder. Make it (\`npm run new:handler NAME\` does), or leave the variable out.`,
  )
}
