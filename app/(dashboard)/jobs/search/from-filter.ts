import type { JobFilterInput } from '@/app/_trpc/types'
import { NO_QUESTION, toFilter, type Question } from '../filters'
import { argumentWord } from './arguments'
import { isReserved } from './keywords'
import { spanOf } from './moments'

/**
 * Turns a filter of the API into the filters of the page. Saved views that a program made hold a filter of the API.
 * `left` names the fields that the page cannot show.
 */
export function fromFilter(
  { organizationId: _, ...filter }: JobFilterInput,
  userId: string | null,
): { question: Question; left: string[] } {
  const date = (text: string | undefined) => (text === undefined ? null : new Date(text))
  const mine = userId !== null && filter.submittedById === userId
  const question: Question = {
    ...NO_QUESTION,
    status: filter.status ?? [],
    type: filter.jobType?.length ? filter.jobType : filter.jobTypePrefix ? [`${filter.jobTypePrefix}*`] : [],
    priority: filter.priority ?? [],
    q: filter.search?.replace(/\s+/g, ' ').trim() ?? '',
    mine,
    by: mine ? null : (filter.submittedById ?? null),
    after: date(filter.createdAfter),
    before: date(filter.createdBefore),
    endedAfter: date(filter.endedAfter),
    endedBefore: date(filter.endedBefore),
    failedAfter: date(filter.failedAfter),
    failedBefore: date(filter.failedBefore),
    title: filter.title ?? null,
    arg: (filter.args ?? []).map((argument) => argumentWord(argument, isReserved)),
    waiting: filter.waitingLongerThanSeconds ? spanOf(filter.waitingLongerThanSeconds) : null,
    waitingFor: filter.waitingFor ?? [],
    cause: filter.errorFingerprint ?? null,
    rerunOf: filter.rerunOf ?? null,
    schedule: filter.scheduleId ?? null,
    bulk: filter.bulkId ?? null,
    request: filter.requestId ?? null,
  }
  // What the page would ask in turn. A field that it does not ask in the same way cannot be shown.
  const asked = toFilter(question, { organizationId: undefined, userId }, 0) as Record<string, unknown>
  const left = Object.entries(filter).filter(
    ([name, value]) => value !== undefined && !sameCondition(asked[name], value),
  )
  return { question, left: left.map(([name]) => name) }
}

/** An empty list asks for as much as none, and a moment can be written in several ways. */
const sameCondition = (a: unknown, b: unknown) =>
  JSON.stringify(a) === JSON.stringify(b) ||
  (Array.isArray(b) && b.length === 0 && a === undefined) ||
  (typeof a === 'string' && typeof b === 'string' && Date.parse(a) === Date.parse(b))
