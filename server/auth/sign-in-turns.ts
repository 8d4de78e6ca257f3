import { availableParallelism } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import { networkOf } from './attempts'

// A password takes a core for about a quarter of a second, on purpose, and what stands around it takes some
// milliseconds of the main thread. Without turns, whoever sends many sign-ins at once would take both, and nobody else
// would be answered.

/**
 * How many passwords are hashed at once. One core is left to everything else, and one thread of Node's pool. Hashes run
 * in this pool, and so do files, compression and the look-up of host names: all of them would wait until a hash is done.
 *
 * @param threads `UV_THREADPOOL_SIZE`, the threads of that pool. Node.js has 4 where it is not set
 */
export const hashesAtOnce = (cores: number, threads = '4'): number =>
  Math.max(1, Math.min(cores - 1, (Number.parseInt(threads, 10) || 1) - 1))

const AT_ONCE = hashesAtOnce(availableParallelism(), process.env.UV_THREADPOOL_SIZE)
/** How many sign-ins of one network may wait. The last of them waits for some seconds. */
const MOST_WAITING = 30

/**
 * How many sign-ins are at work at once, whichever networks they come from. The others wait, and cost nothing. A few more
 * than hash at once, so that the next password is ready when a core becomes free.
 */
const AT_WORK = AT_ONCE + 3

const everybody = pLimit(AT_ONCE)
const atWork = pLimit(AT_WORK)
const networks = new Map<string, LimitFunction>()

/** Hashes a password when it is its turn, whoever asks. */
export const inHashingTurn = <T>(hash: () => Promise<T>): Promise<T> => everybody(hash)

/**
 * Runs the sign-ins of one network one after the other, so that each network has at most one among those that are at
 * work. Sign-ins whose address is not known count as one network. The work must not wait for what its caller still has
 * to send. Returns null, at once, where too many of this network wait already.
 */
export async function inNetworkTurn<T>(address: string | null, work: () => Promise<T>): Promise<T | null> {
  const network = address === null ? '' : networkOf(address)
  const line = networks.get(network) ?? pLimit(1)
  if (line.pendingCount >= MOST_WAITING) return null
  networks.set(network, line)
  try {
    return await line(() => atWork(work))
  } finally {
    if (line.activeCount + line.pendingCount === 0) networks.delete(network)
  }
}
