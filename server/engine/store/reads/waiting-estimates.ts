import { Prisma, type DbOrTx } from '@/server/db'
import { partsOf } from '../../domain/slices'
import type { QueueName, Scope } from '../../domain/types'
import type { WaitingCode } from '../../domain/waiting-codes'
import { estimator, LEAST_ENDED, type Bound, type Estimate, type Work } from '../../domain/waiting-estimate'
import { endedRows, rollupRows } from './measured'
import { rolledUpUntil } from './rollups'
import type { ReasonedGroup, WaitingWork } from './waiting-groups'

const { sql } = Prisma

/** Other concurrency limits than those of a job type. Null is no limit; what is absent stays as it is. */
export interface WhatIf {
  global?: number | null
  perOrganization?: number | null
}

/** Run times are measured over a day, and what gets through at this moment over the last minutes. */
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LATELY_SECONDS = 120

/** Jobs with these reasons run one after the other, by themselves. */
const RUNS: readonly WaitingCode[] = ['CONCURRENCY_LIMIT', 'SLOTS_KEPT', 'BEHIND', 'QUEUED', 'READY']
const TIMED: readonly WaitingCode[] = ['SCHEDULED', 'RETRY_BACKOFF']

/**
 * Makes a function that says how long it takes until the jobs of some groups have run. Null where a person has to act,
 * where the outcome of others decides, and where no run time is known.
 */
export async function estimates(
  db: DbOrTx,
  { groups, surroundings }: WaitingWork,
  scope: Scope,
  { jobType, whatIf }: { jobType?: string; whatIf?: WhatIf },
): Promise<(of: readonly ReasonedGroup[]) => Estimate | null> {
  const { now, types, organizations, underWay, loads } = surroundings
  const { lately, secondsOf } = await measures(db, scope, [...new Set(groups.map((group) => group.jobType))])

  // Children run when their parents have. Where something of their organization stands still, nobody knows when.
  const still = new Set(
    groups
      .filter(({ reason: { code } }) => ![...RUNS, ...TIMED, 'WAITING_FOR_PARENTS'].includes(code))
      .map(({ organizationId }) => organizationId),
  )
  const runs = ({ reason: { code }, organizationId }: ReasonedGroup) =>
    RUNS.includes(code) || (code === 'WAITING_FOR_PARENTS' && !still.has(organizationId))

  const inScope = (id: string) => 'all' in scope || scope.organizationIds.includes(id)
  const work = new Map<string, Work>()
  const workOf = ({ organizationId, jobType: name, queue }: Pick<Work, 'organizationId' | 'jobType' | 'queue'>) => {
    const key = `${organizationId} ${name} ${queue}`
    const known = work.get(key)
    if (known) return known
    const made = { organizationId, jobType: name, queue, waiting: 0, underWay: 0, seconds: secondsOf(name) }
    work.set(key, made)
    return made
  }
  for (const group of groups) if (runs(group)) workOf(group).waiting += group.count
  // QUEUED jobs are among those that wait.
  for (const row of underWay) if (inScope(row.organizationId)) workOf(row).underWay += row.running
  const all = [...work.values()]

  const today = boundsOf()
  const estimate = estimator(all, whatIf ? boundsOf(whatIf) : today, today)
  return (of) => {
    const timed = of.filter(({ reason: { code } }) => TIMED.includes(code))
    if (timed.length === of.length) return lastOf(timed)
    if (!of.every(runs)) return null
    return estimate([...new Set(of.map(workOf))])
  }

  function lastOf(timed: readonly ReasonedGroup[]): Estimate | null {
    const ends = timed.map((group) => {
      const run = secondsOf(group.jobType)
      return run === null ? null : (group.lastDue.getTime() - now.getTime()) / 1000 + run
    })
    if (ends.includes(null)) return null
    return { seconds: Math.max(0, ...(ends as number[])), limitedBy: { of: 'time', jobType: null, limit: null } }
  }

  function boundsOf(other?: WhatIf): Bound[] {
    const names = [...new Set(all.map((each) => each.jobType))]
    const ids = [...new Set(all.map((each) => each.organizationId))]
    const limitsOf = (name: string) => {
      const type = types.get(name)
      const asked = name === jobType ? other : undefined
      const chosen = (thought: number | null | undefined, own: number | null | undefined) =>
        thought === undefined ? (own ?? null) : thought
      return {
        global: chosen(asked?.global, type?.global),
        perOrganization: chosen(asked?.perOrganization, type?.perOrganization),
      }
    }
    const bound = (bound: Omit<Bound, 'measured' | 'room'>, others: number): Bound => ({
      ...bound,
      room: Math.max(Math.min(1, bound.limit), bound.limit - others),
      measured: null,
    })
    const foreign = (name: string) =>
      underWay
        .filter((row) => row.jobType === name && !inScope(row.organizationId))
        .reduce((sum, { queued, running }) => sum + queued + running, 0)
    return [
      ...slotBounds(ids),
      ...ids.flatMap((organizationId) => {
        const limit = organizations.get(organizationId)?.maxConcurrent ?? null
        return limit === null
          ? []
          : [bound({ of: 'organization', organizationId, jobType: null, queue: null, limit }, 0)]
      }),
      ...names.flatMap((name) => {
        const { global: limit, perOrganization } = limitsOf(name)
        const own = ids.filter((id) => all.some((each) => each.organizationId === id && each.jobType === name))
        return [
          ...(limit === null
            ? []
            : [bound({ of: 'jobType', organizationId: null, jobType: name, queue: null, limit }, foreign(name))]),
          ...(perOrganization === null
            ? []
            : own.map((organizationId) =>
                bound(
                  { of: 'jobTypeInOrganization', organizationId, jobType: name, queue: null, limit: perOrganization },
                  0,
                ),
              )),
        ]
      }),
    ].map((each) => ({ ...each, measured: measuredOf(each) }))
  }

  /** Organizations share the slots in turns. Others that have jobs in the queue take their share. */
  function slotBounds(ids: readonly string[]): Bound[] {
    return (['ISOLATED', 'INLINE'] as const).map((queue: QueueName) => {
      const mine = new Set(all.filter((each) => each.queue === queue).map((each) => each.organizationId))
      const others = new Set(
        underWay
          .filter((row) => row.queue === queue && !ids.includes(row.organizationId))
          .map((row) => row.organizationId),
      )
      const { slots } = loads[queue]
      const share = mine.size / Math.max(1, mine.size + others.size)
      const room = slots === 0 ? 0 : Math.max(1, slots * share)
      return { of: 'slots', organizationId: null, jobType: null, queue, limit: slots, room, measured: null }
    })
  }

  /** What got through a bound lately, where jobs have waited for it since before. */
  function measuredOf({ organizationId, jobType: name, queue }: Bound): Bound['measured'] {
    // Measured by job type over the whole scope, so a bound of one of several organizations cannot be told from it.
    if (organizationId !== null && !('organizationIds' in scope && scope.organizationIds.length === 1)) return null
    const from = now.getTime() - LATELY_SECONDS * 1000
    const passing = all.filter(
      (each) => (name === null || each.jobType === name) && (queue === null || each.queue === queue),
    )
    const waited = groups.some(
      (group) =>
        RUNS.includes(group.reason.code) &&
        group.firstDue.getTime() < from &&
        (name === null || group.jobType === name) &&
        (queue === null || group.queue === queue),
    )
    if (!waited) return null
    const rows = [...new Set(passing.map((each) => each.jobType))].flatMap((each) => lately.get(each) ?? [])
    return {
      seconds: LATELY_SECONDS,
      ended: rows.reduce((sum, { ended }) => sum + ended, 0),
      runSeconds: rows.reduce((sum, { runSeconds }) => sum + runSeconds, 0),
    }
  }
}

/** Attempts that ended, of one job type. */
interface Ended {
  jobType: string
  ended: number
  runSeconds: number
}

/**
 * How long jobs of these types run: lately, where enough of them ended, or else over a day, from the sums that are made
 * ahead. Only of types that have neither are the rows of the last hour read.
 */
async function measures(
  db: DbOrTx,
  scope: Scope,
  jobTypes: readonly string[],
): Promise<{ lately: ReadonlyMap<string, Ended>; secondsOf: (jobType: string) => number | null }> {
  const { until, now } = await rolledUpUntil(db)
  const to = now.getTime() + 1_000
  const parts = partsOf({ from: to - DAY_MS, to, until: until?.getTime() ?? null })
  const [day, lately] = await Promise.all([
    sums(
      db,
      sql`SELECT job_type, completed + failed AS ended, run_seconds AS run
      FROM (${rollupRows(
        parts.filter(({ span }) => span !== null),
        scope,
        'each',
      )}) q`,
    ),
    sums(db, endedSince(to - LATELY_SECONDS * 1000)),
  ])
  const known = (name: string) => (lately.get(name)?.ended ?? 0) + (day.get(name)?.ended ?? 0) > 0
  const hour = jobTypes.every(known) ? new Map<string, Ended>() : await sums(db, endedSince(to - HOUR_MS))
  return {
    lately,
    secondsOf: (name) => {
      const enough = (lately.get(name)?.ended ?? 0) >= LEAST_ENDED ? [lately] : [day, hour, lately]
      const found = enough.map((each) => each.get(name)).find((each) => each !== undefined && each.ended > 0)
      return found ? found.runSeconds / found.ended : null
    },
  }

  function endedSince(from: number): Prisma.Sql {
    return sql`SELECT job_type, 1 AS ended, run FROM (${endedRows([{ from, to }], scope)}) q`
  }
}

async function sums(db: DbOrTx, rows: Prisma.Sql): Promise<Map<string, Ended>> {
  const found = await db.$queryRaw<Ended[]>`
    SELECT job_type AS "jobType", sum(ended)::int AS ended, sum(run)::double precision AS "runSeconds" FROM (${rows}) r GROUP BY job_type`
  return new Map(found.map((row) => [row.jobType, row]))
}
