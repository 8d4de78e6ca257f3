import { formatCount } from '@/app/_components/time'
import type { Forecast } from '@/app/_trpc/types'
import { broughtBack } from '../../jobs/forecast-words'

const DONE = { CANCEL: 'canceled', DELETE: 'deleted' } as const

/** What a request would do to its jobs now, and why it cannot be carried out (`none`, null where it can). */
export function whatRequestWouldDo(
  kind: 'CANCEL' | 'RETRY' | 'DELETE',
  forecast: Forecast,
): { text: string; none: string | null } {
  const { matched, would } = forecast
  const text = kind === 'RETRY' ? broughtBack(forecast) : canceledOrDeleted(DONE[kind], matched, would)
  return { text, none: would === 0 ? text : null }
}

function canceledOrDeleted(done: string, matched: number, would: number): string {
  if (matched === 0) return 'None of them is there any more.'
  if (would === 0)
    return matched === 1 ? `It cannot be ${done}.` : `None of the ${formatCount(matched)} can be ${done}.`
  if (would === matched) return would === 1 ? `It will be ${done}.` : `All ${formatCount(would)} will be ${done}.`
  return `${formatCount(would)} of ${formatCount(matched)} will be ${done}.`
}
