import { EngineError } from '@/server/engine'

/** The most streams of one API key or person. A browser has at most four at once (app/_trpc/stream-slots.ts). */
export const MOST_OF_A_CALLER = 100
/** The most streams for one organization. */
export const MOST_OF_AN_ORGANIZATION = 1_000

/**
 * Counts the open event streams in this process. Each holds a connection and some memory as long as its reader wants.
 * Without a limit, one caller could leave none for others.
 */
export class OpenStreams {
  private readonly callers = new Map<string, number>()
  private readonly organizations = new Map<string, number>()

  /**
   * Counts one stream. Returns a function that ends the counting.
   *
   * @throws EngineError RATE_LIMITED if the caller or the organization already has as many as allowed
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

/** The refusal. Other streams may end at any time, so it asks to wait only a short time. */
const tooMany = (message: string): EngineError => new EngineError('RATE_LIMITED', message, { retryAfterSeconds: 10 })
