import { cronInWords, tidyCron } from '../../domain/schedule/cron'
import { nextTimes } from '../../domain/schedule/recurrence'

/**
 * Returns the next times of a cron expression after `from`, and the expression in words. Times before `startAt` or
 * after `endAt` are left out, so there may be fewer than `count`.
 * @param count at most MAX_PREVIEW of domain/schedule/recurrence.ts, which the API makes sure of
 * @throws EngineError INVALID_INPUT if the expression or the time zone cannot be read, or if no date matches the
 *   expression
 */
export function previewCron({
  cron,
  timeZone,
  from,
  count,
  startAt = null,
  endAt = null,
}: {
  cron: string
  timeZone: string
  from: Date
  count: number
  startAt?: Date | null
  endAt?: Date | null
}): {
  times: Date[]
  inWords: string
} {
  const tidied = tidyCron(cron)
  const times = nextTimes({ cron: tidied, timeZone, startAt, endAt }, from, count)
  return { times, inWords: cronInWords(tidied) }
}
