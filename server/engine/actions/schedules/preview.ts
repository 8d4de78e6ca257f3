import { cronInWords, cronTimes, tidyCron } from '../../domain/schedule/cron'
import { nextTimes } from '../../domain/schedule/recurrence'

/** Times of one preview. */
export const MAX_PREVIEW = 100

/**
 * The next times of an expression after `from`, and what it says in words.
 * @throws EngineError INVALID_INPUT for what cannot be read or never comes
 */
export function previewCron({
  cron: given,
  timeZone,
  from,
  count,
}: {
  cron: string
  timeZone: string
  from: Date
  count: number
}): {
  times: Date[]
  inWords: string
} {
  const cron = tidyCron(given)
  cronTimes(cron, timeZone)
  const times = nextTimes({ cron, timeZone, startAt: null, endAt: null }, from, Math.min(count, MAX_PREVIEW))
  return { times, inWords: cronInWords(cron) }
}
