import { createHash } from 'node:crypto'

/**
 * Workers that take the same pools and have the same handlers. They share one queue for isolated and one for in-thread
 * jobs, so each of them can run whatever it finds there. While a new version is deployed, the old workers and the new
 * ones are two crews, and a job for a handler that only the new ones have never reaches an old one.
 */
export interface Crew {
  /** Stands in the names of the two queues. Empty for workers that said neither pools nor handlers. */
  name: string
  /** Null: every pool. */
  pools: readonly string[] | null
  /** The keys of the handlers. Null: every handler. */
  handlers: readonly string[] | null
}

/** Takes everything. */
export const ANY_CREW: Crew = { name: '', pools: null, handlers: null }

const inOrder = (names: readonly string[]) => [...new Set(names)].sort()

/** The crew of a worker that takes these pools (null: every pool) and has these handlers. */
export function crewOf(pools: readonly string[] | null, handlers: readonly string[]): Crew {
  const crew = { pools: pools && inOrder(pools), handlers: inOrder(handlers) }
  const name = createHash('sha256')
    .update(JSON.stringify([crew.pools, crew.handlers]))
    .digest('hex')
    .slice(0, 12)
  return { name, ...crew }
}
