import type { Problems } from '@/app/_components/forms/check-parameters'
import type { AlertInput, AlertRule } from '@/app/_trpc/types'
import { CONDITION_BOUNDS as bounds } from '@/server/engine/domain/alerts/bounds'

// An alert rule while somebody types it into the form, and what the API gets of it.

export type Kind = AlertRule['condition']['kind']
type TargetType = AlertRule['targets'][number]['type']

/** A target as it is typed: an address of the web, or addresses of mail with commas. */
export interface TargetDraft {
  type: TargetType
  value: string
}

/** What is typed into the form of a rule. Numbers are kept as texts, because a text may be no number yet. */
export interface Draft {
  name: string
  kind: Kind
  /** Empty: every job type. */
  jobType: string
  /** Empty: every pool. */
  pool: string
  percent: string
  minutes: string
  atLeast: string
  waitMinutes: string
  /** The seconds of the rule as it was. They are sent while `waitMinutes`, which is rounded, still shows them. */
  waitSeconds?: number
  targets: TargetDraft[]
  quiet: boolean
  from: string
  to: string
}

/** The form of a new rule, with bounds that are usual. Only the fields of the chosen `kind` are shown and sent. */
export const blank = (): Draft => ({
  name: '',
  kind: 'NEW_CAUSE',
  jobType: '',
  pool: '',
  percent: '20',
  minutes: '60',
  atLeast: '10',
  waitMinutes: '15',
  targets: [{ type: 'mail', value: '' }],
  quiet: false,
  from: '22:00',
  to: '07:00',
})

/** Seconds as minutes, rounded to two places. */
const minutesText = (seconds: number): string => String(Math.round((seconds / 60) * 100) / 100)

/** A rule as its form shows it. */
export function draftOf({ name, condition, targets, quietHours }: AlertRule): Draft {
  const draft = { ...blank(), name, kind: condition.kind }
  if ('jobType' in condition) draft.jobType = condition.jobType ?? ''
  if (condition.kind === 'NO_WORKER') draft.pool = condition.pool ?? ''
  if (condition.kind === 'FAILURE_RATE') {
    draft.percent = String(condition.percent)
    draft.minutes = String(condition.minutes)
    draft.atLeast = String(condition.atLeast)
  }
  if (condition.kind === 'OLDEST_WAITING') {
    draft.waitMinutes = minutesText(condition.seconds)
    draft.waitSeconds = condition.seconds
  }
  draft.targets = targets.map((target) => ({
    type: target.type,
    value: target.type === 'mail' ? target.to.join(', ') : target.url,
  }))
  return quietHours ? { ...draft, quiet: true, ...quietHours } : draft
}

/** Reads a number. A text that is none, or out of its bounds, is noted as a problem. */
type ReadNumber = (
  path: string,
  text: string,
  bounds: readonly [least: number, most: number],
  whole?: boolean,
) => number

export type Settings = Omit<AlertInput, 'organizationId' | 'enabled'>

/** What is sent, and what is wrong with what was typed, by the path of the field in the API. */
export function readDraft(draft: Draft): { settings: Settings; problems: Problems } {
  const problems: Problems = {}
  const number: ReadNumber = (path, text, [least, most], whole = true) => {
    const value = Number(text.trim())
    if (
      text.trim() === '' ||
      !Number.isFinite(value) ||
      (whole && !Number.isInteger(value)) ||
      value < least ||
      value > most
    )
      problems[`condition.${path}`] =
        `Must be a ${whole ? 'whole ' : ''}number from ${least} to ${most.toLocaleString('en')}.`
    return value
  }
  if (draft.name.trim() === '') problems.name = 'Give it a name.'
  const targets = draft.targets.map(({ type, value }, n): AlertInput['targets'][number] => {
    const text = value.trim()
    if (text === '')
      problems[`targets.${n}`] =
        type === 'mail' ? 'Give at least one email address.' : 'Give the address of the webhook.'
    if (type === 'mail') return { type, to: text.split(/[\s,;]+/).filter((one) => one !== '') }
    if (text !== '' && !/^https?:\/\/[^/]/.test(text)) problems[`targets.${n}`] = 'Must begin with http:// or https://.'
    return { type, url: text }
  })
  if (draft.quiet && draft.from === '') problems['quietHours.from'] = 'Give a time.'
  if (draft.quiet && draft.to === '') problems['quietHours.to'] = 'Give a time.'
  if (draft.quiet && draft.from !== '' && draft.from === draft.to)
    problems.quietHours = 'Must end at another time than they begin.'
  const settings: Settings = {
    name: draft.name,
    condition: conditionOf(draft, number),
    targets,
    quietHours: draft.quiet ? { from: draft.from, to: draft.to } : null,
  }
  return { settings, problems }
}

/** The bounds of the wait in minutes. The least is rounded up to what `minutesText` shows of one second. */
const WAIT_MINUTES = [Math.ceil((bounds.seconds[0] / 60) * 100) / 100, bounds.seconds[1] / 60] as const

function secondsOf({ waitMinutes, waitSeconds }: Draft, number: ReadNumber): number {
  if (waitSeconds !== undefined && waitMinutes.trim() === minutesText(waitSeconds)) return waitSeconds
  return Math.max(bounds.seconds[0], Math.round(60 * number('seconds', waitMinutes, WAIT_MINUTES, false)))
}

function conditionOf(draft: Draft, number: ReadNumber): AlertInput['condition'] {
  const ofType = draft.jobType === '' ? {} : { jobType: draft.jobType }
  switch (draft.kind) {
    case 'FAILURE_RATE':
      return {
        kind: draft.kind,
        ...ofType,
        percent: number('percent', draft.percent, bounds.percent, false),
        minutes: number('minutes', draft.minutes, bounds.minutes),
        atLeast: number('atLeast', draft.atLeast, bounds.atLeast),
      }
    case 'OLDEST_WAITING':
      return { kind: draft.kind, ...ofType, seconds: secondsOf(draft, number) }
    case 'NO_WORKER':
      return { kind: draft.kind, ...(draft.pool === '' ? {} : { pool: draft.pool }) }
    case 'SCHEDULE_MISSED':
      return { kind: draft.kind }
    default:
      return { kind: draft.kind, ...ofType }
  }
}

/**
 * The options of a field, with what is chosen and what the rule began with. Such a job type or pool may be gone, may not
 * be read yet, or may be one to which only Jobyard itself submits. Without an option of its own, the browser would show
 * another one, and the rule would seem to say that.
 * @param had what is chosen, and what the rule began with. An empty one stands for all
 * @param known undefined while it is not known
 * @param strange what is said of a value that is none of those
 */
export function optionsWith(
  had: readonly string[],
  known: readonly { value: string; label: string }[] | undefined,
  strange: string,
): readonly { value: string; label: string }[] {
  const others = new Set(had.filter((one) => one !== '' && !known?.some(({ value }) => value === one)))
  return [...[...others].map((one) => ({ value: one, label: known ? `${one}, ${strange}` : one })), ...(known ?? [])]
}

/** The conditions, as they are offered. */
export const KINDS: readonly { value: Kind; label: string; note: string }[] = [
  {
    value: 'NEW_CAUSE',
    label: 'New cause in the dead letter',
    note: 'Jobs died of something that no dead letter had before.',
  },
  {
    value: 'FAILURE_RATE',
    label: 'A job type fails too often',
    note: 'By the share of failed attempts within a time.',
  },
  { value: 'OLDEST_WAITING', label: 'Work waits too long', note: 'A job could have started and did not.' },
  {
    value: 'CIRCUIT_OPENED',
    label: 'Circuit opened',
    note: 'Most attempts of a job type failed, so its jobs are held.',
  },
  { value: 'NO_WORKER', label: 'Worker pool without a worker', note: 'Its jobs wait until a worker comes back.' },
  { value: 'SCHEDULE_MISSED', label: 'Schedule missed a run', note: 'Its last run was not submitted.' },
  { value: 'JOB_STUCK', label: 'Job looks stuck', note: 'It runs far longer than usual and reports nothing.' },
]
