import type { DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import type { WaitingCode } from '../../domain/waiting-codes'
import { estimator, type Estimate, type Work } from '../../domain/waiting-estimate'
import { LATELY_SECONDS, runTimes } from './run-times'
import { boundsOf, scopeIncludes, type WhatIf } from './waiting-bounds'
import type { ReasonedGroup, WaitingWork } from './waiting-groups'

/** Jobs with these reasons run one after the other, by themselves. */
const RUNS: readonly WaitingCode[] = ['CONCURRENCY_LIMIT', 'SLOTS_KEPT', 'BEHIND', 'QUEUED', 'READY']
/** Jobs with these reasons wait for a moment that is known. */
const TIMED: readonly WaitingCode[] = ['SCHEDULED', 'RETRY_BACKOFF']

/**
 * Makes a function that says how long it takes until the jobs of some groups have run. Null where a person has to act,
 * where the outcome of others decides, and where no run time is known.
 *
 * @param whatIf other limits of a job type than it has: the estimates are made as if it had them
 */
export async function estimates(
  db: DbOrTx,
  { groups, surroundings }: WaitingWork,
  scope: Scope,
  whatIf?: WhatIf & { jobType: string },
): Promise<(of: readonly ReasonedGroup[]) => Estimate | null> {
  const times = await runTimes(
    db,
    scope,
    groups.map(({ sample, jobType }) => ({ organizationId: sample, jobType })),
  )
  const now = surroundings.now.getTime()
  const runs = whetherRuns(groups)
  const work = new Map<string, Work>()
  const workOf = ({ organizationId, jobType, queue }: Pick<Work, 'organizationId' | 'jobType' | 'queue'>) => {
    const key = `${organizationId} ${jobType} ${queue}`
    const made = work.get(key) ?? {
      organizationId,
      jobType,
      queue,
      pool: surroundings.poolOf(jobType),
      waiting: 0,
      underWay: 0,
      seconds: times.secondsOf(jobType),
    }
    work.set(key, made)
    return made
  }
  for (const group of groups) if (runs(group)) workOf(group).waiting += group.count
  // QUEUED jobs are among those that wait.
  for (const row of surroundings.underWay)
    if (scopeIncludes(scope, row.organizationId)) workOf(row).underWay += row.running

  const waitedLong = groups
    .filter(({ reason: { code }, firstDue }) => RUNS.includes(code) && firstDue.getTime() < now - LATELY_SECONDS * 1000)
    .map(({ jobType, queue }) => ({ jobType, queue, pool: surroundings.poolOf(jobType) }))
  const given = { work: [...work.values()], surroundings, scope, times, waitedLong }
  const today = boundsOf(given)
  const estimate = estimator(given.work, whatIf ? boundsOf({ ...given, whatIf }) : today, today)

  return (of) => {
    if (of.every(({ reason: { code } }) => TIMED.includes(code))) return whenAllRan(of)
    return of.every(runs) ? estimate([...new Set(of.map(workOf))]) : null
  }

  function whenAllRan(timed: readonly ReasonedGroup[]): Estimate | null {
    const ends = timed.map(({ jobType, lastDue }) => {
      const run = times.secondsOf(jobType)
      return run === null ? null : (lastDue.getTime() - now) / 1000 + run
    })
    if (ends.some((end) => end === null)) return null
    return { seconds: Math.max(0, ...(ends as number[])), limitedBy: { of: 'time', jobType: null, limit: null } }
  }
}

/**
 * Whether the jobs of a group run by themselves. Children run when their parents have. Where something of their
 * organization stands still, nobody knows when that is.
 */
function whetherRuns(groups: readonly ReasonedGroup[]): (group: ReasonedGroup) => boolean {
  const goesOn: readonly WaitingCode[] = [...RUNS, ...TIMED, 'WAITING_FOR_PARENTS']
  const still = new Set(
    groups.filter(({ reason: { code } }) => !goesOn.includes(code)).map(({ organizationId }) => organizationId),
  )
  return ({ reason: { code }, organizationId }) =>
    RUNS.includes(code) || (code === 'WAITING_FOR_PARENTS' && !still.has(organizationId))
}
