import { DEFAULT_POOL } from './pools'
import type { WaitingCode } from './waiting-codes'
import type { Estimate } from './waiting-estimate'
import { reasonEndsAt, type WaitingReason } from './waiting-reasons'

/** Waiting jobs under one reason. */
export interface WaitingItem {
  code: WaitingCode
  /** Set where the reason lies in one job type. Jobs that a limit holds are counted by type, whosever limit it is. */
  jobType?: string
  /** Set where it lies in one organization. */
  organizationId?: string
  /**
   * What it hangs on: the scope of a pause, whose limit it is, a queue (with its worker pool,
   * unless that is `default`), or the handler that is missing.
   */
  target?: string
  count: number
  /** When the first of them goes on by itself. */
  until?: string
  message: string
  /** How long until all of them have run, or null where nobody can know. */
  estimate: Estimate | null
}

export type ItemPlace = Pick<WaitingItem, 'code' | 'jobType' | 'organizationId' | 'target'>

/** Where jobs belong that wait for this reason: those of one place are counted together. */
export function placeOf(
  { code, data }: WaitingReason,
  { organizationId, jobType, queue }: { organizationId: string; jobType: string; queue: string },
): ItemPlace {
  switch (code) {
    case 'ORGANIZATION_DELETED':
    case 'ORGANIZATION_SUSPENDED':
      return { code, organizationId }
    case 'PAUSED':
      return {
        code,
        target: String(data.scope),
        ...(data.scope === 'jobType' && { jobType }),
        ...(data.scope === 'organization' && { organizationId }),
      }
    case 'JOB_TYPE_DISABLED':
      return { code, jobType }
    case 'CIRCUIT_OPEN':
      return { code, jobType, organizationId }
    case 'CONCURRENCY_LIMIT':
      return { code, jobType, organizationId, target: String(data.of) }
    case 'HANDLER_MISSING':
      return { code, jobType, target: String(data.handler) }
    case 'SLOTS_KEPT':
      return { code, target: queue }
    case 'NO_WORKER':
      // Most installations have one pool only, and then the queue says it all.
      return {
        code,
        target: typeof data.pool !== 'string' || data.pool === DEFAULT_POOL ? queue : `${queue} ${data.pool}`,
      }
    default:
      return { code }
  }
}

/** A sentence about all the jobs of a place, from the reason of one of them. */
export function messageOf({ code, jobType }: ItemPlace, reason: WaitingReason): string {
  const { data } = reason
  switch (code) {
    case 'ORGANIZATION_DELETED':
      return 'Their organization is deleted: they end in DEAD_LETTER within moments.'
    case 'ORGANIZATION_SUSPENDED':
      return `Their organization is suspended${reasonText(data.reason)}.`
    case 'PAUSED': {
      const what = {
        platform: 'The whole platform',
        jobType: `Job type ${jobType}`,
        organization: 'Their organization',
      }
      const { name } = data.pausedBy as { name: string }
      return `${what[data.scope as keyof typeof what]} is paused by ${name}${reasonText(data.reason)}.`
    }
    case 'WAITING_FOR_PARENTS':
      return 'They wait for other jobs that are not completed.'
    case 'SCHEDULED':
      return 'They are planned for later.'
    case 'RETRY_BACKOFF':
      return 'Their last attempt failed, and the next one is planned.'
    case 'CONCURRENCY_LIMIT':
      return reason.message.replace(/^Its organization/, 'Their organization')
    case 'HANDLER_MISSING':
      return reason.message.replace('has its handler', 'has their handler')
    case 'SLOTS_KEPT':
      return 'The last free slots are kept for organizations with nothing under way.'
    case 'BEHIND':
      return 'Other jobs come first, and they take their turn.'
    case 'QUEUED':
      return 'They were handed to the queue and wait for a free slot.'
    case 'READY':
      return 'Nothing holds them: they are handed to the queue within a moment.'
    default:
      // The sentence for one job does not speak of that job alone.
      return reason.message
  }
}

/** When the first of the jobs of a place goes on by itself. */
export function endOfPlace({ code }: ItemPlace, reason: WaitingReason, first: Date): string | undefined {
  return code === 'SCHEDULED' || code === 'RETRY_BACKOFF' ? first.toISOString() : (reasonEndsAt(reason) ?? undefined)
}

const reasonText = (reason: unknown) => (typeof reason === 'string' && reason !== '' ? ` (“${reason}”)` : '')
