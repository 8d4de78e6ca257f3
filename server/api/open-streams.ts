import { EngineError } from '@/server/engine'

/** Of one key or person. A browser has at most four at once (app/_trpc/stream-places.ts). */
export const MOST_OF_A_CALLER = 100
/** Of all who watch one organization. */
export const MOST_OF_AN_ORGANIZATION = 1_000

/**
 * Counts the event streams that are open in this process. Each holds a connection and some memory for as long as it
 * likes, so that a caller without a limit could leave none to others.
 */
export class OpenStreams {
  private readonly callers = new Map<string, number>()
  private readonly organizations = new Map<string, number>()

  /**
   * Counts one stream. Returns a function that ends it.
   *
   * @throws EngineError RATE_LIMITED where the caller, or the organization, has as many as it may have
   */
  take(callerId: string, organizationId: string): () => void {
    if ((this.callers.get(callerId) ?? 0) >= MOST_OF_A_CALLER)
      throw tooMany(
        `You have ${MOST_OF_A_CALLER} event streams open, and may have no more. Close one, or watch the organization instead of each job: one stream has the events of all its jobs.`,
      )
    if ((this.organizations.get(organizationId) ?? 0) >= MOST_OF_AN_ORGANIZATION)
      throw tooMany(
        `The organization is watched by ${MOST_OF_AN_ORGANIZATION} event streams, and may have no more. Close those that are not needed, or ask for the jobs now and then (\`jobs.list\`).`,
      )
    add(this.callers, callerId, 1)
    add(this.organizations, organizationId, 1)
    let ended = false
    return () => {
      if (ended) return
      ended = true
      add(this.callers, callerId, -1)
      add(this.organizations, organizationId, -1)
    }
  }
}

function add(counts: Map<string, number>, id: string, change: number): void {
  const count = (counts.get(id) ?? 0) + change
  if (count === 0) counts.delete(id)
  else counts.set(id, count)
}

/** Other streams end at any time, so it is worth asking again soon. */
const tooMany = (message: string): EngineError => new EngineError('RATE_LIMITED', message, { retryAfterSeconds: 10 })
