import type { Scope } from '../../domain/types'
import type { Bound, Work } from '../../domain/waiting-estimate'
import { LATELY_SECONDS, type RunTimes } from './run-times'
import type { Surroundings } from './waiting-facts'

/** Other concurrency limits than those of a job type. Null is no limit; what is absent stays as it is. */
export interface WhatIf {
  global?: number | null
  perOrganization?: number | null
}

interface WaitingWork {
  work: readonly Work[]
  surroundings: Surroundings
  scope: Scope
  times: RunTimes
  /** Work that has waited for longer than what was measured took, so that no place was empty meanwhile. */
  waitedLong: readonly Pick<Work, 'jobType' | 'queue' | 'pool'>[]
  whatIf?: WhatIf & { jobType: string }
}

/**
 * Everything that limits how many jobs of this work run at once, from the widest to the narrowest: the slots of each
 * queue and pool, and the concurrency limits of organizations, of job types, and of types in an organization.
 */
export function boundsOf(given: WaitingWork): Bound[] {
  const { work } = given
  const ids = [...new Set(work.map(({ organizationId }) => organizationId))]
  const names = [...new Set(work.map(({ jobType }) => jobType))]
  return [
    ...slots(given, ids),
    ...ids.flatMap((organizationId) => ofOrganization(given, organizationId)),
    ...names.flatMap((jobType) => ofType(given, jobType)),
  ].map((bound) => ({ ...bound, measured: measuredAt(bound, given) }))
}

/** Organizations share the slots of a pool in turns. Others that have jobs in the queue take their share of them. */
function slots({ work, surroundings: { loadOf, poolOf, underWay } }: WaitingWork, ids: readonly string[]): Bound[] {
  const places = new Map(work.map(({ queue, pool }) => [`${queue} ${pool}`, { queue, pool }]))
  return [...places.values()].map(({ queue, pool }) => {
    const mine = new Set(
      work.filter((each) => each.queue === queue && each.pool === pool).map(({ organizationId }) => organizationId),
    )
    const others = new Set(
      underWay
        .filter((row) => row.queue === queue && poolOf(row.jobType) === pool && !ids.includes(row.organizationId))
        .map(({ organizationId }) => organizationId),
    )
    const limit = loadOf(queue, pool).slots
    const share = mine.size / Math.max(1, mine.size + others.size)
    // At least one slot comes to them in their turn.
    const room = limit === 0 ? 0 : Math.max(1, limit * share)
    return { of: 'slots', organizationId: null, jobType: null, queue, pool, limit, room, measured: null }
  })
}

function ofOrganization({ surroundings: { organizations } }: WaitingWork, organizationId: string): Bound[] {
  const limit = organizations.get(organizationId)?.maxConcurrent ?? null
  return limit === null ? [] : [bound({ of: 'organization', organizationId, jobType: null, limit })]
}

function ofType({ work, surroundings: { types, underWay }, scope, whatIf }: WaitingWork, jobType: string): Bound[] {
  const type = types.get(jobType)
  const thought: WhatIf = whatIf?.jobType === jobType ? whatIf : {}
  const global = thought.global === undefined ? (type?.global ?? null) : thought.global
  const perOrganization =
    thought.perOrganization === undefined ? (type?.perOrganization ?? null) : thought.perOrganization
  // What other organizations have under way takes places that the caller's jobs do not get.
  const taken = underWay
    .filter((row) => row.jobType === jobType && !scopeIncludes(scope, row.organizationId))
    .reduce((sum, { queued, running }) => sum + queued + running, 0)
  const ids = new Set(work.filter((each) => each.jobType === jobType).map(({ organizationId }) => organizationId))
  return [
    ...(global === null ? [] : [bound({ of: 'jobType', organizationId: null, jobType, limit: global }, taken)]),
    ...(perOrganization === null
      ? []
      : [...ids].map((organizationId) =>
          bound({ of: 'jobTypeInOrganization', organizationId, jobType, limit: perOrganization }),
        )),
  ]
}

/** A limit that is not 0 lets at least one job through in its turn, even if others hold all its places now. */
const bound = (given: Pick<Bound, 'of' | 'organizationId' | 'jobType' | 'limit'>, taken = 0): Bound => ({
  ...given,
  queue: null,
  pool: null,
  room: Math.max(Math.min(1, given.limit), given.limit - taken),
  measured: null,
})

/** What got through a bound lately, where work has waited for it since before. */
function measuredAt({ organizationId, jobType, queue, pool }: Bound, given: WaitingWork): Bound['measured'] {
  const { scope, work, times, waitedLong } = given
  // It is measured by job type over the whole scope. Of several organizations, nobody knows which one it was.
  if (organizationId !== null && !('organizationIds' in scope && scope.organizationIds.length === 1)) return null
  const passes = (each: Pick<Work, 'jobType' | 'queue' | 'pool'>) =>
    (jobType === null || each.jobType === jobType) &&
    (queue === null || each.queue === queue) &&
    (pool === null || each.pool === pool)
  if (!waitedLong.some(passes)) return null
  const names = [...new Set(work.filter(passes).map((each) => each.jobType))]
  const rows = names.flatMap((name) => times.lately.get(name) ?? [])
  return {
    seconds: LATELY_SECONDS,
    ended: rows.reduce((sum, { ended }) => sum + ended, 0),
    runSeconds: rows.reduce((sum, { runSeconds }) => sum + runSeconds, 0),
  }
}

export const scopeIncludes = (scope: Scope, organizationId: string) =>
  'all' in scope || scope.organizationIds.includes(organizationId)
