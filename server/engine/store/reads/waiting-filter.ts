import type { DbOrTx } from '@/server/db'
import { WAITING_CODES, type WaitingCode } from '../../domain/waiting-codes'
import type { JobFilter, Scope } from '../../domain/types'
import { scopeWithin } from './filter'
import type { ResolvedFilter } from './filter-conditions'
import { waitingWork, type ReasonedGroup } from './waiting-groups'

/** Collecting more jobs than this costs more than walking over all that wait, newest first, until a page is full. */
const FEW = 20_000

/** The reasons that a filter asks for. Undefined where it asks for none, or for all of them. */
export const reasonsIn = ({ waitingFor }: JobFilter): readonly WaitingCode[] | undefined =>
  !waitingFor?.length || WAITING_CODES.every((code) => waitingFor.includes(code)) ? undefined : waitingFor

/**
 * The filter with the places where jobs wait for the reasons that it asks for. What holds jobs back may change between
 * this and the query, as it may after the query. Without reasons it asks the database nothing.
 */
export async function resolveFilter(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<ResolvedFilter> {
  const codes = reasonsIn(filter)
  if (!codes) return withoutReasons(filter)
  const { waitingFor: _, ...rest } = filter
  const { groups, missing, apart } = await workFor(db, filter, codes, scope)
  const isAsked = ({ reason }: ReasonedGroup) => codes.includes(reason.code)
  const asked = groups.filter(isAsked)
  const single = groups.filter(({ only }) => only !== null)
  return {
    ...rest,
    waitingFor: {
      places: asked.filter((group) => group.only === null),
      apart,
      versioned: [...missing.keys()],
      except: single.filter((group) => !isAsked(group)).flatMap(({ only }) => only ?? []),
      also: single.filter(isAsked).flatMap(({ only }) => only ?? []),
      few: sumOf(asked) <= FEW,
    },
  }
}

/** What else a filter may ask for, so that the groups of waiting jobs tell how many match. */
const TOLD_BY_GROUPS: readonly (keyof JobFilter)[] = [
  'waitingFor',
  'organizationId',
  'jobType',
  'jobTypePrefix',
  'priority',
]

/**
 * How many jobs wait for the reasons that a filter asks for, from the groups alone. Undefined where the filter asks for
 * something that they do not tell, or for no reason.
 */
export async function countWaiting(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<number | undefined> {
  const codes = reasonsIn(filter)
  const isAsked = ([, value]: [string, unknown]) => value !== undefined && !(Array.isArray(value) && value.length === 0)
  const asked = Object.entries(filter).filter(isAsked)
  if (!codes || !asked.every(([name]) => (TOLD_BY_GROUPS as readonly string[]).includes(name))) return undefined
  const { jobType, jobTypePrefix = '', priority } = filter
  const { groups } = await workFor(db, filter, codes, scope)
  return sumOf(
    groups.filter(
      (group) =>
        codes.includes(group.reason.code) &&
        (!jobType?.length || jobType.includes(group.jobType)) &&
        group.jobType.startsWith(jobTypePrefix) &&
        (!priority?.length || priority.includes(group.priority)),
    ),
  )
}

const workFor = (db: DbOrTx, filter: JobFilter, codes: readonly WaitingCode[], scope: Scope) =>
  waitingWork(db, scopeWithin(scope, filter.organizationId), {
    codes,
    jobType: filter.jobType?.length === 1 ? filter.jobType[0] : undefined,
  })

const sumOf = (groups: readonly ReasonedGroup[]) => groups.reduce((sum, { count }) => sum + count, 0)

/** Every reason asks for every waiting job. */
function withoutReasons({ waitingFor, ...rest }: JobFilter): ResolvedFilter {
  return waitingFor?.length ? { ...rest, waitingFor: 'any' } : rest
}
