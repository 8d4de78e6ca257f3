import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM = 40
const CHECKSUM = 6
/** Keys of installations older than the checksum have none. */
const KEY = new RegExp(`^(jy_(?:live|demo)_[0-9A-Za-z]{${RANDOM}})([0-9A-Za-z]{${CHECKSUM}})?$`)

/**
 * A new key: `jy_live_` or `jy_demo_`, which secret scanners look for, 40 random characters of base 62
 * (238 bits), and a checksum, by which they (and we, without a query) tell a key from what only looks
 * like one. It is shown once and never stored.
 *
 * @param pick a random whole number below what it is given
 */
export function generateApiKey(kind: 'live' | 'demo' = 'live', pick: (below: number) => number = randomInt): string {
  const body = `jy_${kind}_${Array.from({ length: RANDOM }, () => ALPHABET.charAt(pick(ALPHABET.length))).join('')}`
  return body + checksum(body)
}

/** False for what no key can be: another form, or a typing error. */
export function isApiKey(text: string): boolean {
  const [, body, sum] = KEY.exec(text) ?? []
  return body !== undefined && (sum === undefined || sum === checksum(body))
}

/** What is stored instead of the key: it is random enough that a slow hash would add nothing. */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest()

/** What people tell keys apart by, and what a key is looked up by: no secret, 36 characters remain. */
export const apiKeyPrefix = (key: string): string => key.slice(0, 12)

/** CRC-32 in base 62, as in the tokens of GitHub and npm. */
function checksum(body: string): string {
  let digits = ''
  for (let rest = crc32(body), place = 0; place < CHECKSUM; place++, rest = Math.floor(rest / 62))
    digits = ALPHABET.charAt(rest % 62) + digits
  return digits
}
