import { formatCursor, type EventPlace } from '../domain/event-cursor'
import type { JobEvent } from '../domain/job-event'
import type { HistoryRow, ProgressRow } from '../store/reads/events'

/** The time, as cursors carry it. */
export const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** Makes the ids of progress unlike all others of this process, and of one that it follows. */
let progressCount = Date.now() * 1000

const NOTHING = { jobId: null, fromStatus: null, toStatus: null, attempt: null, progress: null, progressMessage: null }

/** A transition, at its own place in the stream. */
export const statusEvent = ({ jobId, fromStatus, toStatus, attempt, at, ...place }: HistoryRow): JobEvent => ({
  id: formatCursor(place, secondsNow()),
  type: 'status',
  ...NOTHING,
  jobId,
  fromStatus,
  toStatus,
  attempt,
  at,
})

/**
 * The latest progress of a job. It has no place of its own in the stream: it takes that of the reader, and a number that
 * no other event has.
 */
export const progressEvent = ({ jobId, attempt, progress, message, at }: ProgressRow, place: EventPlace): JobEvent => ({
  id: formatCursor(place, secondsNow(), progressCount++),
  type: 'progress',
  ...NOTHING,
  jobId,
  attempt,
  progress,
  progressMessage: message,
  at,
})

/** Says that events before this place were lost: read again what is shown. */
export const resetEvent = (place: EventPlace): JobEvent => ({
  id: formatCursor(place, secondsNow()),
  type: 'reset',
  ...NOTHING,
  at: new Date(),
})
