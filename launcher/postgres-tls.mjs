import { readFileSync } from 'node:fs'
import { Refusal } from './say.mjs'

/**
 * The TLS that `pg` uses for a DATABASE_URL, null for none. Its rules are not libpq's: unless
 * `uselibpqcompat=true` is there, every sslmode but disable and no-verify wants TLS and a certificate
 * that is trusted. (pg-connection-string and pg's connection-parameters, with which a test compares this.)
 * @param {URL} url
 * @param {string} [modeOfEnvironment] PGSSLMODE
 * @returns {import('node:tls').ConnectionOptions | null}
 */
export function postgresTls(url, modeOfEnvironment = process.env.PGSSLMODE) {
  const { ssl, sslmode, sslrootcert, sslcert, sslkey, sslnegotiation, uselibpqcompat } = Object.fromEntries(
    url.searchParams,
  )
  if (!sslmode && !sslrootcert && !sslcert && !sslkey) {
    return tlsOfWord(ssl ?? (sslnegotiation === 'direct' ? 'true' : wordOf(modeOfEnvironment)))
  }
  if (sslmode === 'disable') return null
  /** @type {import('node:tls').ConnectionOptions} */
  const tls = { ca: read('sslrootcert', sslrootcert), cert: read('sslcert', sslcert), key: read('sslkey', sslkey) }
  if (uselibpqcompat !== 'true') return sslmode === 'no-verify' ? { ...tls, rejectUnauthorized: false } : tls
  if (sslmode === 'prefer' || (sslmode === 'require' && !sslrootcert)) return { ...tls, rejectUnauthorized: false }
  if (sslmode === 'verify-ca' && !sslrootcert)
    throw new Refusal('DATABASE_URL: sslmode=verify-ca needs sslrootcert=<file>; sslmode=verify-full does not.')
  return sslmode === 'require' || sslmode === 'verify-ca' ? { ...tls, checkServerIdentity: () => undefined } : tls
}

/** @param {string} word what `ssl` says in the URL */
function tlsOfWord(word) {
  if (word === '' || word === '0') return null
  if (word === 'true' || word === '1') return {}
  if (word === 'no-verify') return { rejectUnauthorized: false }
  throw new Refusal('DATABASE_URL: ssl can be true, no-verify or 0. Leave it out, or use sslmode.')
}

/** @param {string} [mode] */
function wordOf(mode = '') {
  if (['prefer', 'require', 'verify-ca', 'verify-full'].includes(mode)) return 'true'
  return mode === 'no-verify' ? mode : ''
}

/** @param {string} name @param {string} [file] */
function read(name, file) {
  if (!file) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Refusal(
      `DATABASE_URL: ${name} names ${file}, which cannot be read (${/** @type {NodeJS.ErrnoException} */ (error).code}).`,
    )
  }
}
