import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsIsoDateTime,
  parseAsString,
  parseAsStringLiteral,
  type inferParserType,
} from 'nuqs'
import { PRIORITIES, STATUSES } from '@/app/_components/job-status'
import type { JobFilterInput } from '@/app/_trpc/types'

export const SINCE = ['1h', '6h', '24h', '7d', '30d'] as const
export const SINCE_LABEL: Record<(typeof SINCE)[number], string> = {
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}
const HOURS = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 } as const

/** The jobs page's filters as they stand in the URL. */
export const filterParsers = {
  status: parseAsArrayOf(parseAsStringLiteral(STATUSES)).withDefault([]),
  type: parseAsArrayOf(parseAsString).withDefault([]),
  priority: parseAsArrayOf(parseAsStringLiteral(PRIORITIES)).withDefault([]),
  q: parseAsString.withDefault(''),
  mine: parseAsBoolean.withDefault(false),
  since: parseAsStringLiteral(SINCE),
  after: parseAsIsoDateTime,
  before: parseAsIsoDateTime,
  /** Fingerprint of an error: the jobs whose last error it is. */
  cause: parseAsString,
  /** What a bulk action changed, by its id. */
  bulk: parseAsString,
  /** What an open request is about, by its id. */
  request: parseAsString,
  cursor: parseAsString,
}
export type Filters = inferParserType<typeof filterParsers>

export const NO_FILTERS = {
  status: null,
  type: null,
  priority: null,
  q: null,
  mine: null,
  since: null,
  after: null,
  before: null,
  cause: null,
  bulk: null,
  request: null,
  cursor: null,
} as const

/** Shorter words are not in the index; the server would refuse them. */
export const MIN_SEARCH = 3

export const isFiltered = (f: Filters) =>
  f.status.length + f.type.length + f.priority.length > 0 ||
  f.q !== '' ||
  f.mine ||
  f.since !== null ||
  f.after !== null ||
  f.before !== null ||
  f.cause !== null ||
  f.bulk !== null ||
  f.request !== null

/** "Mine" can be asked once it is known who asks: before, the answer would be everybody's. */
export const isAskable = (f: Filters, userId: string | null) => !f.mine || userId !== null

/** What is asked, apart from the passing of time: "last hour" stays one question while the hour moves on. */
export const questionOf = (f: Filters, scope: Parameters<typeof toFilter>[1]) => JSON.stringify(toFilter(f, scope, 0))

/** The filter of the API. `now` in whole minutes, so that "last hour" is one question a minute, not one a render. */
export function toFilter(
  f: Filters,
  scope: { organizationId: string | undefined; userId: string | null },
  now: number,
): JobFilterInput {
  const after = f.after ?? (f.since ? new Date(Math.floor(now / 60_000) * 60_000 - HOURS[f.since] * 3_600_000) : null)
  return {
    ...(scope.organizationId ? { organizationId: scope.organizationId } : {}),
    ...(f.status.length > 0 ? { status: f.status } : {}),
    ...(f.type.length > 0 ? { jobType: f.type } : {}),
    ...(f.priority.length > 0 ? { priority: [...f.priority] } : {}),
    ...(f.mine && scope.userId ? { submittedById: scope.userId } : {}),
    ...(f.q.trim().length >= MIN_SEARCH ? { search: f.q.trim() } : {}),
    ...(f.cause ? { errorFingerprint: f.cause } : {}),
    ...(f.bulk ? { bulkId: f.bulk } : {}),
    ...(f.request ? { requestId: f.request } : {}),
    ...(after ? { createdAfter: after.toISOString() } : {}),
    ...(f.before ? { createdBefore: f.before.toISOString() } : {}),
  }
}
