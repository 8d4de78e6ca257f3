import type { QueueName } from '../domain/types'

/**
 * What the names of the queues begin with: one for handlers in threads of their own, and one for handlers in the
 * worker's own thread (rule 4.11). Each crew of workers has both.
 */
export const QUEUES = {
  ISOLATED: 'jobyard-isolated',
  INLINE: 'jobyard-inline',
} as const satisfies Record<QueueName, string>

/** The name of a queue of a crew in BullMQ. */
export const nameOfQueue = (queue: QueueName, crew: string): string =>
  crew === '' ? QUEUES[queue] : `${QUEUES[queue]}-${crew}`

/**
 * A job on its way to a worker: the job and the number of its dispatch. A job that came back is dispatched again under
 * another number. Its parameters stay in PostgreSQL.
 */
export interface Ticket {
  jobId: string
  dispatch: number
}

/** What BullMQ carries. A message holds one job as a rule, and several where jobs are short. */
export interface Message {
  /**
   * `<jobId>-<dispatch>` of the first job. It must be new each time, because BullMQ silently ignores an id that it
   * still holds.
   */
  id: string
  tickets: Ticket[]
  /**
   * The message goes to the head of the queue, because its organization has nothing in flight there while others have
   * (store/lanes.ts).
   */
  ahead?: boolean
  /** It may not take the last free slot of a worker (worker/run/last-slot.ts). */
  yields?: boolean
}

/** A message in the form in which BullMQ stores it. */
export interface MessageData {
  jobs: [jobId: string, dispatch: number][]
  /** Absent for false. */
  yields?: true
}

/** The id of a message whose first job this is. */
export const messageId = ({ jobId, dispatch }: Ticket) => `${jobId}-${dispatch}`

export const toMessage = (
  tickets: [Ticket, ...Ticket[]],
  { ahead, yields }: Pick<Message, 'ahead' | 'yields'> = {},
): Message => ({ id: messageId(tickets[0]), tickets, ahead, yields })

/** A message as BullMQ stores it. `toTickets` reads its jobs back. */
export const toData = ({ tickets, yields }: Message): MessageData => ({
  jobs: tickets.map(({ jobId, dispatch }) => [jobId, dispatch]),
  ...(yields && { yields }),
})

export const toTickets = (data: MessageData): Ticket[] => data.jobs.map(([jobId, dispatch]) => ({ jobId, dispatch }))

/**
 * A message carries at most as many jobs as take this long together, by the measured run time, and never more than a
 * fixed number (rule 4.2).
 */
const PACK_MS = 50
const PACK_JOBS = 50

/**
 * How many jobs of one type a message may carry. It depends on their mean run time, and is 1 while that is not known.
 */
export function packSize(meanRunMs: number | undefined): number {
  if (meanRunMs === undefined) return 1
  // A mean of 0 counts as a thousandth, because nothing can be divided by 0.
  return Math.max(1, Math.min(PACK_JOBS, Math.floor(PACK_MS / Math.max(meanRunMs, 0.001))))
}
