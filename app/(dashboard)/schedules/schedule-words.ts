import { STATUS_META } from '@/app/_components/job-status'
import { isKnownZone, toZoneInput } from '@/app/_components/zone-time'
import type { Schedule, ScheduleRun } from '@/app/_trpc/types'

/** What is done with missed runs, in plain words. */
export function missedWords(missed: Schedule['missed']): string {
  if (missed === 'skip') return 'Left out'
  if (missed === 'one') return 'One run for all of them'
  return missed.all === 1
    ? 'The last one is made up for'
    : `The last ${missed.all.toLocaleString('en')} are made up for`
}

/** What is done when a run is due while the job of the former run is unfinished. */
export const OVERLAP_WORDS: Record<Schedule['overlap'], string> = {
  allow: 'Both run',
  skip: 'The new run is left out',
  cancel: 'The former job is canceled',
}

/** What keeps the runs of a schedule back. */
export const HOLD_WORDS: Record<NonNullable<Schedule['heldBy']>, string> = {
  SUSPENDED: 'Held back: the organization is suspended',
  ORGANIZATION_PAUSED: 'Held back: the organization is paused',
  PLATFORM_PAUSED: 'Held back: the platform is paused',
}

const SKIPPED: Record<string, string> = {
  MISSED: 'Missed',
  OVERLAP: 'Left out: the former run was not finished',
  RATE_LIMITED: 'Refused: rate limit',
  QUEUE_FULL: 'Refused: too many unfinished jobs',
  JOB_TYPE_DISABLED: 'Refused: the job type is disabled',
  UNKNOWN_JOB_TYPE: 'Refused: the job type is gone',
  INVALID_PARAMETERS: 'Refused: the parameters no longer fit',
}

/** Why nothing was submitted. A reason without words here is shown by its own name. */
export const skippedWords = (reason: string): string =>
  SKIPPED[reason] ?? `Refused: ${reason.toLowerCase().replaceAll('_', ' ')}`

/** What became of a run, in a few words. */
export function runWords({ skipped, jobStatus, jobId, count }: ScheduleRun): string {
  if (skipped) return count > 1 ? `${count.toLocaleString('en')} missed` : skippedWords(skipped)
  if (jobStatus) return STATUS_META[jobStatus].label
  return jobId ? 'Its job was deleted' : 'Nothing'
}

export const TRIGGER_WORDS: Record<ScheduleRun['trigger'], string> = {
  DUE: 'As planned',
  NOW: 'By hand',
  BACKFILL: 'Backfill',
}

/** The name of the organization of a schedule, where several are shown. */
export const organizationOf = (
  { organizationId }: { organizationId: string },
  organizations: readonly { id: string; name: string }[],
): string | null => organizations.find(({ id }) => id === organizationId)?.name ?? null

/**
 * A time as a clock of this zone shows it: "Mon, 30 Nov, 02:30". In another year than the present one it has its year. A
 * zone that this browser does not know, such as one that is still being typed, has the time in UTC.
 */
export function formatInZone(at: string, zone: string, now: number): string {
  const timeZone = isKnownZone(zone) ? zone : 'UTC'
  const yearOf = (time: number) => toZoneInput(time, timeZone).slice(0, 4)
  const text = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(yearOf(Date.parse(at)) !== yearOf(now) && { year: 'numeric' as const }),
    hour: '2-digit',
    minute: '2-digit',
    // Characters 16 to 18 of an ISO time are its seconds, such as ":30". They are left out where they are ":00".
    ...(/:[0-5][1-9]|:[1-5]0/.test(at.slice(16, 19)) && { second: '2-digit' as const }),
    hourCycle: 'h23',
    timeZone,
  }).format(Date.parse(at))
  return timeZone === zone ? text : `${text} UTC`
}
