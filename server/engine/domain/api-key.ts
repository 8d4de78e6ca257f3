import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM = 40
const CHECKSUM = 6
/** Keys that were made before keys had a checksum end without one. They stay valid. */
const KEY = new RegExp(`^(jy_(?:live|demo)_[0-9A-Za-z]{${RANDOM}})([0-9A-Za-z]{${CHECKSUM}})?$`)

/**
 * Makes a new key: `jy_live_` or `jy_demo_`, which secret scanners look for, then 40 random characters of base 62 (238
 * bits), then a checksum. By the checksum scanners, and we without a query, tell a key from text that only looks like
 * one. The key is shown once and never stored.
 *
 * @param pick gives a random whole number from 0 to below the number that it gets
 */
export function generateApiKey(kind: 'live' | 'demo' = 'live', pick: (below: number) => number = randomInt): string {
  const body = `jy_${kind}_${Array.from({ length: RANDOM }, () => ALPHABET.charAt(pick(ALPHABET.length))).join('')}`
  return body + checksum(body)
}

/** False for text that cannot be a key: it has another form, or a typing error that its checksum shows. */
export function isApiKey(text: string): boolean {
  const [, body, sum] = KEY.exec(text) ?? []
  return body !== undefined && (sum === undefined || sum === checksum(body))
}

/** The hash that is stored instead of the key. A fast hash is enough, because the key is too random to be guessed. */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest()

/**
 * The beginning of a key. People tell keys apart by it, and we look keys up by it. It is no secret: 36 random
 * characters remain unknown.
 */
export const apiKeyPrefix = (key: string): string => key.slice(0, 12)

/** CRC-32 in base 62, as in the tokens of GitHub and npm. */
function checksum(body: string): string {
  let digits = ''
  for (let rest = crc32(body), place = 0; place < CHECKSUM; place++, rest = Math.floor(rest / 62))
    digits = ALPHABET.charAt(rest % 62) + digits
  return digits
}
