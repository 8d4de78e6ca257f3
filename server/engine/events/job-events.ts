import { formatCursor, type EventPlace } from '../domain/event-cursor'
import type { JobEvent } from '../domain/job-event'
import type { HistoryRow, ProgressRow } from '../store/reads/events'

// Makes the events of jobs.watch. The id of an event is a cursor: a place in the history, and when it was handed out
// (domain/event-cursor.ts).

/** The time now, in whole seconds since 1970. Cursors hold it so that the server can tell a cursor that is too old. */
export const secondsNow = (): number => Math.floor(Date.now() / 1000)

/**
 * Numbers for the ids of progress. They start at the present time in microseconds, so that a restarted process does not
 * use numbers again.
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
 * The event of a job's latest progress. Progress is not in the history, so it has no place. Its id is the place that
 * the reader has reached, and a number so that no two events have the same id.
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

/** Tells the reader that it missed events before this place and must read everything again. */
export const resetEvent = (place: EventPlace): JobEvent => ({
  id: formatCursor(place, secondsNow()),
  type: 'reset',
  ...NOTHING,
  at: new Date(),
})
