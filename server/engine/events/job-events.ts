import { formatCursor, type EventPlace } from '../domain/event-cursor'
import type { JobEvent } from '../domain/job-event'
import type { HistoryRow, ProgressRow } from '../store/reads/events'

/** The present time in seconds since 1970, as cursors have it. */
export const secondsNow = (): number => Math.floor(Date.now() / 1000)

/**
 * Numbers for the ids of progress. They begin with the time, so that a process never repeats its own ids or those of
 * the process before it.
 */
let progressCount = Date.now() * 1000

const NOTHING = { jobId: null, fromStatus: null, toStatus: null, attempt: null, progress: null, progressMessage: null }

/** The event of a transition, with its own place in the stream. */
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
 * The event of a job's latest progress. It has no place of its own in the stream. It gets the place of the reader, and
 * a number that no other event has.
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

/** Says that events before this place were lost, so the viewer has to read again what it shows. */
export const resetEvent = (place: EventPlace): JobEvent => ({
  id: formatCursor(place, secondsNow()),
  type: 'reset',
  ...NOTHING,
  at: new Date(),
})
