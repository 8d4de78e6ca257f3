import { availableParallelism } from 'node:os'
import pLimit, { type LimitFunction } from 'p-limit'
import { networkOf } from './attempts'

// A password takes a core for about a quarter of a second, on purpose. Without turns, whoever sends many sign-ins at
// once would take every core, and nobody else would be answered.

/** So many passwords are hashed at once: one core is left to everything else. */
const AT_ONCE = Math.max(1, availableParallelism() - 1)
/** So many sign-ins of one network may wait. The last of them waits for some seconds. */
const MOST_WAITING = 30

const everybody = pLimit(AT_ONCE)
const networks = new Map<string, LimitFunction>()

/** Hashes a password when it is its turn. */
export const inHashingTurn = <T>(hash: () => Promise<T>): Promise<T> => everybody(hash)

/**
 * Runs the sign-ins of one network one after the other, so that each network has at most one in the line for hashing.
 * Returns null, at once, where too many of this network wait already.
 */
export async function inNetworkTurn<T>(address: string | null, work: () => Promise<T>): Promise<T | null> {
  const network = address === null ? '' : networkOf(address)
  const line = networks.get(network) ?? pLimit(1)
  if (line.pendingCount >= MOST_WAITING) return null
  networks.set(network, line)
  try {
    return await line(work)
  } finally {
    if (line.activeCount + line.pendingCount === 0) networks.delete(network)
  }
}
