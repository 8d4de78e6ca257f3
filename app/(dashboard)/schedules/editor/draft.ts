import type { Problems } from '@/app/_components/forms/check-parameters'
import type { Priority } from '@/app/_components/job-status'
import type { Schedule, ScheduleInput } from '@/app/_trpc/types'

/** What is typed into the form of a schedule, apart from its parameters. */
export interface Draft {
  name: string
  jobType: string
  cron: string
  timeZone: string
  priority: Priority | ''
  missed: 'skip' | 'one' | 'all'
  /** How many, where `missed` is `all`. */
  maxMissedRuns: string
  overlap: Schedule['overlap']
  /** In seconds. */
  jitter: string
  /** By the reader's clock, as a field for date and time has it. Empty: no bound. */
  startAt: string
  endAt: string
}

/** The zone of the reader's clock. */
const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export const blank = (): Draft => ({
  name: '',
  jobType: '',
  cron: '0 9 * * 1-5',
  timeZone: ownZone(),
  priority: '',
  missed: 'one',
  maxMissedRuns: '10',
  overlap: 'allow',
  jitter: '0',
  startAt: '',
  endAt: '',
})

/** A schedule as its form shows it. */
export const draftOf = (schedule: Schedule): Draft => ({
  name: schedule.name,
  jobType: schedule.jobType,
  cron: schedule.cron,
  timeZone: schedule.timeZone,
  priority: schedule.priority ?? '',
  missed: typeof schedule.missed === 'object' ? 'all' : schedule.missed,
  maxMissedRuns: typeof schedule.missed === 'object' ? String(schedule.missed.all) : '10',
  overlap: schedule.overlap,
  jitter: String(schedule.jitterSeconds),
  startAt: forField(schedule.startAt),
  endAt: forField(schedule.endAt),
})

type Settings = Omit<ScheduleInput, 'organizationId' | 'parameters' | 'enabled'>

/** What is sent, and what is wrong with what was typed, by the path of the field in the API. */
export function readDraft(draft: Draft): { settings: Settings; problems: Problems } {
  const problems: Problems = {}
  const whole = (path: string, text: string, least: number, most: number): number => {
    const value = Number(text.trim())
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      problems[path] = `Must be a whole number from ${least} to ${most.toLocaleString('en')}.`
    return value
  }
  const time = (path: string, text: string): string | null => {
    if (text === '') return null
    const at = Date.parse(text)
    if (!Number.isNaN(at)) return new Date(at).toISOString()
    problems[path] = 'Must be a date and time.'
    return null
  }
  if (draft.name.trim() === '') problems.name = 'Give it a name.'
  if (draft.cron.trim() === '') problems.cron = 'Say when it runs.'
  if (draft.timeZone.trim() === '') problems.timeZone = 'Choose a time zone.'
  const settings: Settings = {
    name: draft.name,
    jobType: draft.jobType,
    cron: draft.cron,
    timeZone: draft.timeZone,
    priority: draft.priority || null,
    missed: draft.missed === 'all' ? { all: whole('missed', draft.maxMissedRuns, 1, 1_000) } : draft.missed,
    overlap: draft.overlap,
    jitterSeconds: whole('jitterSeconds', draft.jitter, 0, 3_600),
    startAt: time('startAt', draft.startAt),
    endAt: time('endAt', draft.endAt),
  }
  return { settings, problems }
}

/**
 * What is sent of an old schedule: only what was changed. So a start with seconds, which the form cannot show, stays as
 * it is, and so does what somebody else has changed meanwhile.
 */
export function changedSettings(before: Draft, after: Settings): Partial<Settings> {
  const { settings } = readDraft(before)
  const names = Object.keys(after) as (keyof Settings)[]
  return Object.fromEntries(
    names.flatMap((name) =>
      JSON.stringify(settings[name]) === JSON.stringify(after[name]) ? [] : [[name, after[name]]],
    ),
  )
}

/** A time as a field for date and time takes it, in the reader's zone: "2026-12-01T08:00". */
function forField(at: string | null): string {
  if (!at) return ''
  const time = new Date(at)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Times that many people mean. */
export const COMMON_TIMES: readonly { label: string; cron: string }[] = [
  { label: 'Every hour', cron: '0 * * * *' },
  { label: 'Every night', cron: '30 2 * * *' },
  { label: 'Weekdays at 9', cron: '0 9 * * 1-5' },
  { label: 'Mondays', cron: '0 8 * * 1' },
  { label: 'First of the month', cron: '0 6 1 * *' },
]
