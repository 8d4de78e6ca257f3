import type { QueueName } from '../domain/types'

/** One queue for handlers in threads of their own, one for those in the worker's thread (rule 4.11). */
export const QUEUES = {
  ISOLATED: 'jobyard-isolated',
  INLINE: 'jobyard-inline',
} as const satisfies Record<QueueName, string>

/**
 * A job on its way to a worker: which job, and which of its dispatches, as a job is dispatched again after it came
 * back. The payload stays in PostgreSQL.
 */
export interface Ticket {
  jobId: string
  dispatch: number
}

/** What BullMQ carries: one job as a rule, several where they are short. */
export interface Message {
  /** `<jobId>-<dispatch>` of the first: BullMQ silently ignores an id that it still holds. */
  id: string
  tickets: Ticket[]
  /** Goes to the head of the queue: its organization waits for its turn while others have several. */
  ahead?: boolean
  /** The worker that takes it leaves its last free slot to others. */
  yields?: boolean
}

/** The message as BullMQ keeps it. */
export interface MessageData {
  jobs: [jobId: string, dispatch: number][]
  /** Absent for false. */
  yields?: true
}

export const messageId = ({ jobId, dispatch }: Ticket) => `${jobId}-${dispatch}`

export const toMessage = (
  tickets: [Ticket, ...Ticket[]],
  { ahead, yields }: Pick<Message, 'ahead' | 'yields'> = {},
): Message => ({ id: messageId(tickets[0]), tickets, ahead, yields })

export const toData = ({ tickets, yields }: Message): MessageData => ({
  jobs: tickets.map(({ jobId, dispatch }) => [jobId, dispatch]),
  ...(yields && { yields }),
})

export const toTickets = (data: MessageData): Ticket[] => data.jobs.map(([jobId, dispatch]) => ({ jobId, dispatch }))

/** A message carries at most this much measured work, and at most this many jobs (rule 4.2). */
const PACK_MS = 50
const PACK_JOBS = 50

/** How many jobs of a type with this mean run one message may carry; 1 while it is not measured. */
export function packSize(meanRunMs: number | undefined): number {
  if (meanRunMs === undefined) return 1
  return Math.max(1, Math.min(PACK_JOBS, Math.floor(PACK_MS / Math.max(meanRunMs, 0.001))))
}
