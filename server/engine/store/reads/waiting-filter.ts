import type { DbOrTx } from '@/server/db'
import { WAITING_CODES } from '../../domain/waiting-codes'
import type { JobFilter, Scope } from '../../domain/types'
import { scopeWithin } from './filter'
import type { ResolvedFilter } from './filter-conditions'
import { waitingWork, type ReasonedGroup } from './waiting-groups'

/** Collecting more jobs than this costs more than walking over all that wait, newest first, until a page is full. */
const FEW = 20_000

/**
 * The filter with the places where jobs wait for the reasons that it asks for. What holds jobs back may change between
 * this and the query, as it may after the query. Without reasons it asks the database nothing.
 */
export async function resolveFilter(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<ResolvedFilter> {
  const { waitingFor, ...rest } = filter
  if (!waitingFor?.length || WAITING_CODES.every((code) => waitingFor.includes(code))) return withoutReasons(filter)
  const only = filter.jobType?.length === 1 ? filter.jobType[0] : undefined
  const { groups, missing } = await waitingWork(db, scopeWithin(scope, filter.organizationId), only)
  const isAsked = ({ reason }: ReasonedGroup) => waitingFor.includes(reason.code)
  const asked = groups.filter(isAsked)
  const single = groups.filter(({ only }) => only !== null)
  return {
    ...rest,
    waitingFor: {
      places: asked.filter((group) => group.only === null),
      versioned: [...missing.keys()],
      except: single.filter((group) => !isAsked(group)).flatMap(({ only }) => only ?? []),
      also: single.filter(isAsked).flatMap(({ only }) => only ?? []),
      few: asked.reduce((sum, { count }) => sum + count, 0) <= FEW,
    },
  }
}

/** Every reason asks for every waiting job. */
function withoutReasons({ waitingFor, ...rest }: JobFilter): ResolvedFilter {
  return waitingFor?.length ? { ...rest, waitingFor: 'any' } : rest
}
