import { LONGEST_METRICS_SECONDS, type MetricsRange, type MetricsTime } from '@/server/engine/domain/metrics-time'
import { instant, range } from './scalars'
import type { z } from './zod'

/** The time that figures cover: a range that ends now, or the time between two moments. */
export const timeFields = {
  range: range.optional().describe('How far back from now. Required, unless from and to are given.'),
  from: instant.optional().describe('In the place of a range: when the time begins.'),
  to: instant.optional().describe('When it ends, at most 31 days later. Not part of it.'),
}
interface TimeInput {
  range?: MetricsRange
  from?: Date
  to?: Date
}

/** Refuses an input that has neither a range nor two moments in the right order. The refusal names the field. */
export function checkTime({ value, issues }: z.core.ParsePayload<TimeInput>): void {
  const problem = problemOf(value)
  if (problem) issues.push({ code: 'custom', input: value, path: [problem.path], message: problem.message })
}

function problemOf({ range: given, from, to }: TimeInput): { path: keyof TimeInput; message: string } | null {
  if (given !== undefined)
    return from || to ? { path: 'range', message: 'must be left out where from and to are given' } : null
  if (!from && !to) return { path: 'range', message: 'is required, or from and to in its place' }
  if (!from) return { path: 'from', message: 'is required where to is given' }
  if (!to) return { path: 'to', message: 'is required where from is given' }
  if (to <= from) return { path: 'to', message: 'must be later than from' }
  return to.getTime() - from.getTime() > LONGEST_METRICS_SECONDS * 1000
    ? { path: 'to', message: 'must be at most 31 days after from' }
    : null
}

/** The time of an input that was checked before. */
export const timeIn = ({ range: given, from, to }: TimeInput): MetricsTime =>
  given === undefined ? { from: from!, to: to! } : { range: given }
