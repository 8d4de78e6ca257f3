import type { BulkKind } from '@/app/_components/job-status'
import { localTimes } from '@/app/_components/prose-words'
import { formatCount } from '@/app/_components/time'
import type { Forecast } from '@/app/_trpc/types'
import { jobs } from './bulk-words'

/** Words for why one job would be skipped, and why several would. */
type Words = readonly [one: string, several: string]

/** Why a job is skipped that is in the wrong status for the action. */
const WRONG_STATUS: Record<BulkKind, Words> = {
  cancel: ['it has ended', 'they have ended'],
  retry: ['it is under way, or completed', 'they are under way, or completed'],
  delete: ['it has not ended, or others wait for it', 'they have not ended, or others wait for them'],
}
/** Why a job is skipped that the person may not change, or that is gone. */
const NOT_REACHED: Record<string, Words> = {
  NOT_FOUND: ['it is not there any more', 'they are not there any more'],
  NOT_PERMITTED: ['it is not yours', 'they are not yours'],
}

/** How many jobs a retry would bring back: "8 of 10 come back, 2 are skipped." */
export function broughtBack({ matched, would, capped }: Forecast): string {
  const all = formatCount(matched, capped)
  if (matched === 0) return 'None of them is there any more.'
  if (would === 0) return matched === 1 ? 'It cannot be retried.' : `None of the ${all} can be retried.`
  if (would === matched && !capped) return would === 1 ? 'It comes back.' : `All ${all} come back.`
  const left = matched - would
  const skipped = left === 0 ? '' : `, ${formatCount(left)} ${left === 1 ? 'is' : 'are'} skipped`
  return `${formatCount(would, capped)} of ${all} ${would === 1 ? 'comes' : 'come'} back${skipped}.`
}

/** The warnings about what holds jobs back after a retry. All others are only worth knowing. */
const HOLDS: readonly string[] = ['ORGANIZATION_SUSPENDED', 'PAUSED', 'JOB_TYPE_DISABLED', 'CIRCUIT_OPEN']

export interface ForecastLine {
  key: string
  text: string
  /** The jobs will not run afterwards, so this line stands out. */
  holds: boolean
}

/**
 * What a person should know before a bulk action, one line each. There are the warnings of the server, and why jobs are
 * skipped. Times are in the reader's time zone.
 */
export function forecastLines(kind: BulkKind, { warnings, skipped }: Forecast, now: number): ForecastLine[] {
  const told = new Set<string>(warnings.map(({ code }) => code))
  return [
    ...warnings.map(({ code, message }, index) => ({
      key: `${code} ${index}`,
      text: localTimes(message, now),
      holds: HOLDS.includes(code),
    })),
    ...skipped
      .filter(({ reason, count }) => count > 0 && !told.has(reason))
      .map(({ reason, count }) => ({
        key: reason,
        text: `${jobs(count)} ${count === 1 ? 'is' : 'are'} skipped: ${(NOT_REACHED[reason] ?? WRONG_STATUS[kind])[count === 1 ? 0 : 1]}.`,
        holds: false,
      })),
  ]
}
