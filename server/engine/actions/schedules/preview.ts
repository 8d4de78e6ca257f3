import { cronInWords, cronTimes, tidyCron } from '../../domain/schedule/cron'
import { nextTimes } from '../../domain/schedule/recurrence'

/** Times of one preview. */
export const MAX_PREVIEW = 100

/**
 * The next times of an expression after `from`, within start and end, and what it says in words. There are fewer than
 * `count` where the end comes before.
 * @throws EngineError INVALID_INPUT for what cannot be read or never comes
 */
export function previewCron({
  cron: given,
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
  const cron = tidyCron(given)
  cronTimes(cron, timeZone)
  const times = nextTimes({ cron, timeZone, startAt, endAt }, from, Math.min(count, MAX_PREVIEW))
  return { times, inWords: cronInWords(cron) }
}
