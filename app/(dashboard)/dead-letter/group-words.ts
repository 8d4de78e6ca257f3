import { formatCount, formatDateAndMinute, formatMinute } from '@/app/_components/time'
import type { DeadLetterGroup } from '@/app/_trpc/types'

/**
 * Since when a cause is new, such as "new since 02:24". A cause is new for 24 hours, so a time that is not of today is
 * of yesterday, and has that word.
 */
export function newSinceWords(at: number, now: number): string {
  const yesterday = new Date(at).toDateString() !== new Date(now).toDateString()
  return `new since ${yesterday ? 'yesterday ' : ''}${formatMinute(at)}`
}

type LastAction = NonNullable<DeadLetterGroup['lastAction']>

/**
 * The result of the last action in a few words, for a column: "last retry: 0 of 10" or "10 deleted". `jobs` were
 * retried or deleted. Of retried jobs only the first 200 are looked at again (`followed`).
 */
export function lastActionWords({ action, jobs, followed, completed }: LastAction): string {
  if (action === 'DELETE') return `${formatCount(jobs)} deleted`
  return `last retry: ${formatCount(completed)} of ${formatCount(followed)}`
}

/** The result of the last action in a sentence: "0 of 10 completed, 10 are dead again." */
export function outcomeWords({ action, jobs, followed, completed, deadAgain }: LastAction): string {
  if (action === 'DELETE') return `${formatCount(jobs)} ${jobs === 1 ? 'was' : 'were'} deleted.`
  const left = followed - completed - deadAgain
  const of = followed < jobs ? `the first ${formatCount(followed)} of ${formatCount(jobs)}` : formatCount(followed)
  return [
    `${formatCount(completed)} of ${of} completed`,
    ...(deadAgain > 0 ? [`${formatCount(deadAgain)} ${deadAgain === 1 ? 'is' : 'are'} dead again`] : []),
    ...(left > 0 ? [`${formatCount(left)} ${left === 1 ? 'has' : 'have'} not ended, or ended otherwise`] : []),
  ]
    .join(', ')
    .concat('.')
}

/** How long a cause is ignored: "until Dec 1, 2026, 08:00" or "while at most 20 happen an hour". */
export function ignoredWords(ignored: Pick<NonNullable<DeadLetterGroup['ignored']>, 'until' | 'perHour'>): string {
  return [
    ...(ignored.until ? [`until ${formatDateAndMinute(Date.parse(ignored.until))}`] : []),
    ...(ignored.perHour === null ? [] : [`while at most ${formatCount(ignored.perHour)} happen an hour`]),
  ].join(' and ')
}

/** A value of a parameter as a person writes it. Texts have quotation marks, so that "7" differs from 7. */
export const valueWords = (value: string | number | boolean | null) =>
  typeof value === 'string' ? `“${value}”` : String(value)
