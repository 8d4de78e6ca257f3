import { Refusal } from './say.mjs'
import { describe, UntrustedError, Wire, withinTime } from './wire.mjs'

/**
 * Signs in to REDIS_URL and asks it to answer, before anything is installed (docs/decisions/0059-probes-by-hand.md).
 *
 * @throws Refusal that names REDIS_URL, what is wrong with it, and the way out
 * @param {string} redisUrl
 */
export async function probeRedis(redisUrl, milliseconds = 10_000) {
  const url = new URL(redisUrl)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || 6379)
  const where = `${host}:${port}`
  const way = 'Correct REDIS_URL, or unset it to let the queue run on PostgreSQL.'
  try {
    await withinTime(milliseconds, async (opened) => {
      const wire = opened(await Wire.open({ host, port }, url.protocol === 'rediss:'))
      const password = decodeURIComponent(url.password)
      const user = decodeURIComponent(url.username)
      if (password) await command(wire, user ? ['AUTH', user, password] : ['AUTH', password])
      const database = url.pathname.slice(1)
      if (database && database !== '0') await command(wire, ['SELECT', database])
      const answer = await command(wire, ['PING'])
      if (answer !== '+PONG') throw new Error('it does not speak Redis')
    })
  } catch (error) {
    if (error instanceof RedisError) throw new Refusal(`REDIS_URL: Redis at ${where} says: ${error.message}. ${way}`)
    if (error instanceof UntrustedError) {
      throw new Refusal(
        `REDIS_URL: the certificate of Redis at ${where} is not trusted (${error.message}). Name its CA with NODE_EXTRA_CA_CERTS=<file> in the environment (not in .env).`,
      )
    }
    throw new Refusal(`REDIS_URL: Redis at ${where} cannot be reached (${describe(error)}). ${way}`)
  }
}

class RedisError extends Error {}

/**
 * @param {Wire} wire
 * @param {string[]} words
 */
async function command(wire, words) {
  wire.socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`)
  const line = await wire.line()
  if (line.startsWith('-')) throw new RedisError(line.slice(1).replace(/\.$/, ''))
  return line
}
