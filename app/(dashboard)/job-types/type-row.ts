import type { Span } from '@/app/_components/figures/figure-paths'
import type { JobType, Pause, TypeMetrics } from '@/app/_trpc/types'

/** A job type with how it does in what is looked at: one organization, or all of them. */
export interface TypeRow {
  type: JobType
  /** Jobs that wait now, for whatever they wait. Undefined: not known yet. */
  waiting: number | undefined
  /** When the last 24 hours begin and end. */
  span: Span | undefined
  /** The last 24 hours, and what could run and runs now. Undefined: nothing happened. */
  day: TypeMetrics | undefined
  /** The last 7 days, to compare with. */
  week: TypeMetrics | undefined
  pause: Pause | undefined
  /** Organizations in which its circuit is open or tries one job. */
  openCircuits: number
  limit: Limit
}

/** The most jobs of a type that run at once, where only those that are looked at count towards it. */
export interface Limit {
  /** Null: none. */
  most: number | null
  /** A limit over all organizations, when one of them is looked at: jobs of the others count towards it, too. */
  shared: number | null
}

/** What is worth knowing about a job type, most urgent first. */
export const MARKS = ['circuit', 'failing', 'paused', 'closed', 'limited', 'disabled', 'idle', 'healthy'] as const
export type Mark = (typeof MARKS)[number]

/** Fewer attempts than this say little about how often it fails. */
const FEWEST_OUTCOMES = 5
/** From this part of failed attempts on it is said to fail. */
const FAILING_RATE = 0.1

/** What holds for a job type now. Never empty: one that nothing is wrong with is healthy, or idle. */
export function marksOf({ type, day, pause, openCircuits, limit }: TypeRow): Mark[] {
  const outcomes = (day?.completed ?? 0) + (day?.failed ?? 0)
  const closed = type.concurrency.global === 0 || type.concurrency.perOrganization === 0
  const marks: Mark[] = []
  if (openCircuits > 0) marks.push('circuit')
  if (outcomes >= FEWEST_OUTCOMES && (day?.failureRate ?? 0) > FAILING_RATE) marks.push('failing')
  if (pause) marks.push('paused')
  if (closed) marks.push('closed')
  else if ((day?.waiting ?? 0) > 0 && (day?.running ?? 0) >= leastOf(limit)) marks.push('limited')
  if (!type.enabled) marks.push('disabled')
  if (marks.length > 0) return marks
  return outcomes === 0 && !day?.waiting && !day?.running ? ['idle'] : ['healthy']
}

/** True where somebody should look at it. One that was disabled on purpose needs nobody. */
export const needsLook = (row: TypeRow): boolean =>
  marksOf(row).some((mark) => mark !== 'idle' && mark !== 'healthy' && mark !== 'disabled')

/** What limits its jobs where `organizationId` is looked at (undefined: all organizations). */
export function limitOf({ concurrency }: JobType, organizationId: string | undefined): Limit {
  return organizationId
    ? { most: concurrency.perOrganization, shared: concurrency.global }
    : { most: concurrency.global, shared: null }
}

/** Where so many of those that are looked at run, no other may: a limit over all organizations may be reached before. */
export const leastOf = ({ most, shared }: Limit): number => Math.min(most ?? Infinity, shared ?? Infinity)

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

/** Whether a figure of the day is clearly above or below that of the week. `least`: what is less apart is noise. */
export function trendOf(day: number | null | undefined, week: number | null | undefined, least: number) {
  if (day === null || day === undefined || week === null || week === undefined) return null
  const apart = day - week
  if (Math.abs(apart) < least || Math.abs(apart) < 0.2 * week) return null
  return apart > 0 ? 'up' : 'down'
}
