import {
  createParser,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsIsoDateTime,
  parseAsNativeArrayOf,
  parseAsString,
  parseAsStringLiteral,
  type inferParserType,
} from 'nuqs'
import { PRIORITIES, STATUSES } from '@/app/_components/job-status'
import type { JobFilterInput } from '@/app/_trpc/types'
import { isLongEnough } from '@/server/engine/domain/search-scripts'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { readArgument } from './search/arguments'
import { secondsOf, spanWords } from './search/moments'

/** The spans of time that the menu offers. The search field takes others, too. */
export const SINCE = ['1h', '6h', '24h', '7d', '30d'] as const
/** A span in words: "Last 24 hours", and "Last hour" without a number. */
export const sinceLabel = (span: string) => `Last ${spanWords(span).replace(/^1 /, '')}`

/** A span such as `24h` in the URL. A text that is no span counts as no filter. */
const parseAsSpan = createParser({
  parse: (text) => (secondsOf(text) === null ? null : text),
  serialize: (span: string) => span,
})

/** The filters of the jobs page, as the URL holds them. */
export const filterParsers = {
  status: parseAsArrayOf(parseAsStringLiteral(STATUSES)).withDefault([]),
  /** Names of job types, or the beginning of names with a star: `report.*`. */
  type: parseAsArrayOf(parseAsString).withDefault([]),
  priority: parseAsArrayOf(parseAsStringLiteral(PRIORITIES)).withDefault([]),
  q: parseAsString.withDefault(''),
  mine: parseAsBoolean.withDefault(false),
  /** The id of the user or API key that submitted the jobs. */
  by: parseAsString,
  since: parseAsSpan,
  after: parseAsIsoDateTime,
  before: parseAsIsoDateTime,
  endedSince: parseAsSpan,
  endedAfter: parseAsIsoDateTime,
  endedBefore: parseAsIsoDateTime,
  failedSince: parseAsSpan,
  failedAfter: parseAsIsoDateTime,
  failedBefore: parseAsIsoDateTime,
  title: parseAsString,
  /** Values of parameters, each written as in the search field: `order.id:4711`. */
  arg: parseAsNativeArrayOf(parseAsString).withDefault([]),
  /** Jobs that have waited for longer than this span. */
  waiting: parseAsSpan,
  /** Jobs that wait for one of these reasons. */
  waitingFor: parseAsArrayOf(parseAsStringLiteral(WAITING_CODES)).withDefault([]),
  /** The fingerprint of an error. It finds the jobs whose last error it is. */
  cause: parseAsString,
  rerunOf: parseAsString,
  /** The id of a schedule. It finds the jobs that the schedule submitted. */
  schedule: parseAsString,
  /** The id of a bulk action. It finds the jobs that the action changed. */
  bulk: parseAsString,
  /** The id of an open request to an admin. It finds the jobs that the request is about. */
  request: parseAsString,
  cursor: parseAsString,
}
export type Filters = inferParserType<typeof filterParsers>
/** The filters without the page of the answer that is shown. */
export type Question = Omit<Filters, 'cursor'>

export const NO_QUESTION: Question = {
  status: [],
  type: [],
  priority: [],
  q: '',
  mine: false,
  by: null,
  since: null,
  after: null,
  before: null,
  endedSince: null,
  endedAfter: null,
  endedBefore: null,
  failedSince: null,
  failedAfter: null,
  failedBefore: null,
  title: null,
  arg: [],
  waiting: null,
  waitingFor: [],
  cause: null,
  rerunOf: null,
  schedule: null,
  bulk: null,
  request: null,
}

/** Removes every filter from the URL. */
export const NO_FILTERS = Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null])) as {
  [Name in keyof Filters]: null
}

export const isFiltered = (f: Question) =>
  Object.entries(NO_QUESTION).some(([name, none]) => {
    const value = f[name as keyof Question]
    return Array.isArray(value) ? value.length > 0 : value !== none
  })

/**
 * True where the server is asked for some of the jobs only. A filter that cannot be sent, such as a search for two
 * letters, leaves the whole list. Nothing may be offered for "all that match" then.
 */
export const hasConditions = ({ organizationId: _, ...conditions }: JobFilterInput) =>
  Object.keys(conditions).length > 0

/** True where the filters can be sent. "Mine" needs to know who asks, or the answer would hold everybody's jobs. */
export const isAskable = (f: Question, userId: string | null) => !f.mine || userId !== null

/** A text that is equal for equal filters. A span such as "last hour" keeps its text while time passes. */
export const questionOf = (f: Question, scope: Parameters<typeof toFilter>[1]) => JSON.stringify(toFilter(f, scope, 0))

/** True where the filters depend on the present time. */
export const isMoving = (f: Question) => f.since !== null || f.endedSince !== null || f.failedSince !== null

/**
 * Turns the filters into a filter of the API. A span such as "last hour" is counted back from the last whole minute
 * before `now`, so that it makes one call per minute and not one per render.
 */
export function toFilter(
  f: Question,
  scope: { organizationId: string | undefined; userId: string | null },
  now: number,
): JobFilterInput {
  // The API takes several names, or one beginning of names. An address that has both asks for the names.
  const beginning = f.type.find((name) => name.endsWith('*'))
  const names = f.type.filter((name) => !name.endsWith('*'))
  const by = f.mine ? scope.userId : f.by
  const args = f.arg.map(readArgument).filter((one) => typeof one !== 'string')
  const after = f.after ?? startOfSpan(f.since, now)
  const endedAfter = f.endedAfter ?? startOfSpan(f.endedSince, now)
  const failedAfter = f.failedAfter ?? startOfSpan(f.failedSince, now)
  return {
    ...(scope.organizationId ? { organizationId: scope.organizationId } : {}),
    ...(f.status.length > 0 ? { status: f.status } : {}),
    ...(names.length > 0 ? { jobType: names } : beginning ? { jobTypePrefix: beginning.slice(0, -1) } : {}),
    ...(f.priority.length > 0 ? { priority: [...f.priority] } : {}),
    ...(by ? { submittedById: by } : {}),
    ...(isLongEnough(f.q.trim()) ? { search: f.q.trim() } : {}),
    ...(f.title ? { title: f.title } : {}),
    ...(args.length > 0 ? { args } : {}),
    ...(f.waiting ? { waitingLongerThanSeconds: secondsOf(f.waiting)! } : {}),
    ...(f.waitingFor.length > 0 ? { waitingFor: f.waitingFor } : {}),
    ...(f.cause ? { errorFingerprint: f.cause } : {}),
    ...(f.rerunOf ? { rerunOf: f.rerunOf } : {}),
    ...(f.schedule ? { scheduleId: f.schedule } : {}),
    ...(f.bulk ? { bulkId: f.bulk } : {}),
    ...(f.request ? { requestId: f.request } : {}),
    ...(after ? { createdAfter: after.toISOString() } : {}),
    ...(f.before ? { createdBefore: f.before.toISOString() } : {}),
    ...(endedAfter ? { endedAfter: endedAfter.toISOString() } : {}),
    ...(f.endedBefore ? { endedBefore: f.endedBefore.toISOString() } : {}),
    ...(failedAfter ? { failedAfter: failedAfter.toISOString() } : {}),
    ...(f.failedBefore ? { failedBefore: f.failedBefore.toISOString() } : {}),
  }
}

const startOfSpan = (span: string | null, now: number): Date | null =>
  span === null ? null : new Date(Math.floor(now / 60_000) * 60_000 - secondsOf(span)! * 1_000)
