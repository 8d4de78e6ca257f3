import { Redis } from 'ioredis'
import type { Problem } from './problem'

// Looks at the Redis that BullMQ uses, before a process starts.

const OLDEST_REDIS = [6, 2] as const
/** How long connecting may take, and each answer. */
const PATIENCE_MS = 10_000

/** Finds what is wrong with the Redis that carries ready work. Null where nothing is. */
export async function queueStoreProblem(redisUrl: string): Promise<Problem | null> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    // One try. A process that waits for Redis looks again by itself (at-start.ts).
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // ioredis also rejects the call, and that is enough.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return judge(fieldsOf(await redis.info()))
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return { about: 'queue store', message: `Redis does not answer: ${why} (REDIS_URL).`, mayPass: true }
  } finally {
    redis.disconnect()
  }
}

function judge(info: Map<string, string>): Problem | null {
  const [major = 0, minor = 0] = (info.get('redis_version') ?? '').split('.').map(Number)
  if (major < OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor < OLDEST_REDIS[1]))
    return definite(`Redis ${major}.${minor} is too old: ${OLDEST_REDIS.join('.')} or newer is needed (REDIS_URL).`)
  // A server that does not say its policy is let through.
  const policy = info.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction')
    return definite(
      `Redis may throw work away: its maxmemory-policy is ${policy}. Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf).`,
    )
  return null
}

const definite = (message: string): Problem => ({ about: 'queue store', message, mayPass: false })

/** The lines `name:value` of an answer to INFO. */
const fieldsOf = (info: string): Map<string, string> =>
  new Map(
    info.split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/s, 2) as [string, string]] : [])),
  )
