import type { Span } from '@/app/_components/figures/figure-paths'
import type { JobType, Pause, TypeMetrics } from '@/app/_trpc/types'

/** A job type and how it does, in one organization or in all of them. */
export interface TypeRow {
  type: JobType
  /** Jobs that wait now, for whatever they wait. Undefined: not known yet. */
  waiting: number | undefined
  /** When the last 24 hours begin and end. */
  span: Span | undefined
  /** The last 24 hours, and what waits and runs now. Undefined: nothing happened, or it is not known yet. */
  day: TypeMetrics | undefined
  /** The figures of the seven days before that, for comparison. */
  week: TypeMetrics | undefined
  pause: Pause | undefined
  /** The number of organizations in which its circuit is open or tries one job. */
  openCircuits: number
  limit: Limit
}

/** How many jobs of a type may run at once. */
export interface Limit {
  /** The limit for the jobs that the page shows. Null where there is none. */
  own: number | null
  /**
   * The limit over all organizations, where the page shows one organization. Jobs of other organizations count towards
   * it, too.
   */
  shared: number | null
}

/**
 * The marks that a job type can have, the most urgent first. marks.tsx has their words. Of those whose name does not
 * say it: `closed` is a limit of 0, `few` is failures among too few attempts to tell, `differs` is set otherwise than
 * the handler's file says.
 */
export const MARKS = [
  'circuit',
  'failing',
  'paused',
  'closed',
  'limited',
  'disabled',
  'idle',
  'few',
  'healthy',
  'differs',
] as const
export type Mark = (typeof MARKS)[number]

/** With fewer attempts than this, the share of failures tells little. */
const FEWEST_OUTCOMES = 5
/** A job type counts as failing above this share of failed attempts. */
const FAILING_RATE = 0.1

/**
 * The marks of a job type now. There is at least one: a type without any mark of a problem is idle, healthy or `few`.
 * `differs` stands behind these.
 */
export const marksOf = (row: TypeRow): Mark[] => [
  ...marksOfHealth(row),
  ...(row.type.differs ? (['differs'] as const) : []),
]

/** True where enough attempts ended in the last day to say that too many of them failed. */
export const isFailing = (day: TypeMetrics | undefined): boolean =>
  day !== undefined && day.completed + day.failed >= FEWEST_OUTCOMES && (day.failureRate ?? 0) > FAILING_RATE

function marksOfHealth({ type, day, pause, openCircuits, limit }: TypeRow): Mark[] {
  const outcomes = (day?.completed ?? 0) + (day?.failed ?? 0)
  const closed = type.concurrency.global === 0 || type.concurrency.perOrganization === 0
  const marks: Mark[] = []
  if (openCircuits > 0) marks.push('circuit')
  if (isFailing(day)) marks.push('failing')
  if (pause) marks.push('paused')
  if (closed) marks.push('closed')
  else if ((day?.waiting ?? 0) > 0 && (day?.running ?? 0) >= leastOf(limit)) marks.push('limited')
  if (!type.enabled) marks.push('disabled')
  if (marks.length > 0) return marks
  if (outcomes === 0 && !day?.waiting && !day?.running) return ['idle']
  return outcomes < FEWEST_OUTCOMES && (day?.failureRate ?? 0) > FAILING_RATE ? ['few'] : ['healthy']
}

/** Marks of which none is a reason to look. */
const QUIET: ReadonlySet<Mark> = new Set(['idle', 'few', 'healthy', 'disabled', 'differs'])

/** True where somebody should look at the job type. One that was disabled on purpose needs no look. */
export const needsLook = (row: TypeRow): boolean => marksOf(row).some((mark) => !QUIET.has(mark))

/** The limits of a job type's jobs in an organization, or in all organizations (undefined). */
export function limitOf({ concurrency }: JobType, organizationId: string | undefined): Limit {
  return organizationId
    ? { own: concurrency.perOrganization, shared: concurrency.global }
    : { own: concurrency.global, shared: null }
}

/**
 * The smaller of the two limits. No more jobs than this can run. A limit over all organizations may be reached earlier,
 * because jobs of others count towards it.
 */
export const leastOf = ({ own, shared }: Limit): number => Math.min(own ?? Infinity, shared ?? Infinity)

interface Parts {
  types: readonly JobType[]
  day: readonly TypeMetrics[] | undefined
  week: readonly TypeMetrics[] | undefined
  span: Span | undefined
  waiting: Readonly<Record<string, number>> | undefined
  pauses: readonly Pause[] | undefined
  circuits: readonly { jobType: string }[] | undefined
  organizationId: string | undefined
}

/** The rows of the page, by name: an order that does not change while somebody reads. */
export function rowsOf({ types, day, week, span, waiting, pauses, circuits, organizationId }: Parts): TypeRow[] {
  return types
    .map((type) => ({
      type,
      span,
      waiting: waiting && (waiting[type.name] ?? 0),
      day: day?.find(({ jobType }) => jobType === type.name),
      week: week?.find(({ jobType }) => jobType === type.name),
      pause: pauses?.find(({ scope, jobType }) => scope === 'jobType' && jobType === type.name),
      openCircuits: circuits?.filter(({ jobType }) => jobType === type.name).length ?? 0,
      limit: limitOf(type, organizationId),
    }))
    .toSorted((a, b) => (a.type.name < b.type.name ? -1 : 1))
}

/** True where every word of the search is in the name, the display name, the description or the handler. */
export function fitsSearch({ type }: TypeRow, search: string): boolean {
  const text = `${type.name} ${type.displayName} ${type.description} ${type.handler}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/**
 * Tells whether a figure of the day is clearly above or below that of the week. A difference does not count where it is
 * smaller than `least`, or smaller than a fifth of the week's figure.
 */
export function trendOf(day: number | null | undefined, week: number | null | undefined, least: number) {
  if (day === null || day === undefined || week === null || week === undefined) return null
  const apart = day - week
  if (Math.abs(apart) < least || Math.abs(apart) < 0.2 * week) return null
  return apart > 0 ? 'up' : 'down'
}
