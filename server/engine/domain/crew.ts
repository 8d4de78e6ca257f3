import { createHash } from 'node:crypto'

/**
 * Workers that serve the same pools and have the same handlers (specification, rule 4.30). They share two queues, one
 * for ISOLATED and one for INLINE jobs, so each of them can run whatever it finds there. If a new version adds or
 * removes a handler, its workers are another crew than the old ones. So a job for a handler that only the new ones have
 * never reaches an old one. A new version with the same handlers stays in the same crew.
 */
export interface Crew {
  /** A short hash of pools and handlers, which is part of the names of the crew's two queues. Empty for ANY_CREW. */
  name: string
  /** Null: every pool. */
  pools: readonly string[] | null
  /** The keys of the handlers. Null: every handler. */
  handlers: readonly string[] | null
}

/**
 * For callers that are no worker: tests, and statements that run over no jobs to be prepared. It takes every pool and
 * has every handler. A worker's crew is always made by `crewOf`.
 */
export const ANY_CREW: Crew = { name: '', pools: null, handlers: null }

const sortedAndUnique = (names: readonly string[]) => [...new Set(names)].sort()

/** The crew of a worker that takes these pools (null: every pool) and has these handlers. */
export function crewOf(pools: readonly string[] | null, handlers: readonly string[]): Crew {
  const crew = { pools: pools && sortedAndUnique(pools), handlers: sortedAndUnique(handlers) }
  const name = createHash('sha256')
    .update(JSON.stringify([crew.pools, crew.handlers]))
    .digest('hex')
    .slice(0, 12)
  return { name, ...crew }
}
