import { Prisma, type DbOrTx } from '@/server/db'
import type { ErrorClass, JobStatus, QueueName } from '../../domain/types'
import { DEFAULT_POOL } from '../../domain/pools'
import type { WaitingFacts } from '../../domain/waiting-facts'
import { openCircuits } from '../administration/circuits'
import { pausesOverEach } from '../administration/pauses'
import { handlerOf, workerHas, workerTakesPool } from '../crews'
import { queueFacts, type QueueFacts } from '../kept-slots'
import { takesWork } from '../live-workers'
import { THE_REST } from './waiting-apart'

// Reads what may hold jobs back, for one job or for many at once. `jobs.explain`, `metrics.waiting`, the filter
// `waitingFor` and the rows of a list all take their facts from here, so that they give the same reasons.

/** A waiting job, or what jobs have in common that wait for the same reasons. */
export interface Waiter {
  organizationId: string
  jobType: string
  /** The version of the job type that the job has. 0 where it decides nothing. */
  version: number
  queue: QueueName
  status: JobStatus
  dueAt: Date
  parents: number
  id?: string
  queuedAt?: Date | null
  failures?: number
  maxRetries?: number
  error?: { message: string; class: ErrorClass } | null
  namedParents?: WaitingFacts['parents']['named']
}

/** Makes the facts of a waiter, with `before`: the jobs that rank before it. */
export type FactsOf = (waiter: Waiter, before: WaitingFacts['before']) => WaitingFacts

/** Stands for the id of a job where the facts are those of many jobs. No job has it. */
const NO_JOB = '00000000-0000-0000-0000-000000000000'

interface OrganizationRow {
  id: string
  status: WaitingFacts['organization']['status']
  suspendedAt: Date | null
  suspendReason: string | null
  maxConcurrent: number | null
}
interface TypeRow {
  name: string
  enabled: boolean
  pool: string
  global: number | null
  perOrganization: number | null
}
/** QUEUED and RUNNING jobs of one organization and type in one queue of one crew. There are never many of these. */
interface UnderWay {
  organizationId: string
  jobType: string
  queue: QueueName
  crew: string
  queued: number
  running: number
}

/** Everything that holds for the given waiters, read at about one moment. */
export interface Surroundings {
  now: Date
  factsOf: FactsOf
  organizations: ReadonlyMap<string, OrganizationRow>
  types: ReadonlyMap<string, TypeRow>
  underWay: readonly UnderWay[]
  /** The work and the slots of the workers that take a pool. */
  loadOf: (queue: QueueName, pool: string) => WaitingFacts['load']
  /** The pool of a job type. */
  poolOf: (jobType: string) => string
}

const kindKey = ({ organizationId, jobType }: { organizationId: string; jobType: string }) =>
  `${organizationId} ${jobType}`

/** @param missing from `missingHandlers`, which callers need for other questions as well */
export async function surroundingsOf(
  db: DbOrTx,
  waiters: readonly Waiter[],
  missing: MissingHandlers,
): Promise<Surroundings> {
  const kinds = [...new Map(waiters.map((waiter) => [kindKey(waiter), waiter])).values()]
  const [rows, types, pauses, circuits, underWay, queues] = await Promise.all([
    readOrganizations(db, [...new Set(kinds.map(({ organizationId }) => organizationId))]),
    readTypes(db),
    pausesOverEach(db, kinds),
    openCircuits(db, kinds),
    readUnderWay(db),
    queueFacts(db),
  ])
  const now = rows.now
  const pausesOf = new Map(kinds.map((kind, place) => [kindKey(kind), pauses[place]!]))
  const circuitOf = new Map(circuits.map((circuit) => [kindKey(circuit), circuit]))
  const inUse = countUnderWay(underWay)
  const poolOf = (jobType: string) => types.get(jobType)?.pool ?? DEFAULT_POOL
  const takersOf = takers(queues, underWay, poolOf)

  const factsOf: FactsOf = (waiter, before) => {
    const { organizationId, jobType, queue } = waiter
    const organization = rows.organizations.get(organizationId)!
    const type = types.get(jobType)!
    const circuit = circuitOf.get(kindKey(waiter))
    const { workers, load, kept, underWay: inPool } = takersOf(queue, type.pool)
    return {
      now,
      job: {
        id: waiter.id ?? NO_JOB,
        status: waiter.status,
        organizationId,
        jobType,
        queue,
        pool: type.pool,
        dueAt: waiter.dueAt,
        queuedAt: waiter.queuedAt ?? null,
        failures: waiter.failures ?? 0,
        maxRetries: waiter.maxRetries ?? 0,
        error: waiter.error ?? null,
      },
      organization,
      typeEnabled: type.enabled,
      pauses: pausesOf.get(kindKey(waiter))!,
      parents: { count: waiter.parents, named: waiter.namedParents ?? [] },
      circuit: circuit && circuit.state !== 'CLOSED' ? { ...circuit, state: circuit.state } : null,
      limits: [
        ...limit('organization', organization.maxConcurrent, inUse(organizationId)),
        ...limit('jobType', type.global, inUse(jobType)),
        ...limit('jobTypeInOrganization', type.perOrganization, inUse(organizationId, jobType)),
      ],
      missingHandler: missing.get(jobType)?.get(waiter.version) ?? null,
      workers,
      load,
      kept: { slots: kept, underWay: sumOf(inPool.filter((row) => row.organizationId === organizationId)) },
      before,
    }
  }
  const loadOf = (queue: QueueName, pool: string) => takersOf(queue, pool).load
  return { now, factsOf, organizations: rows.organizations, types, underWay, loadOf, poolOf }
}

const limit = (of: WaitingFacts['limits'][number]['of'], most: number | null, inUse: number) =>
  most === null ? [] : [{ of, limit: most, inUse }]

/** How many jobs are under way of an organization, of a job type, or of both together. */
function countUnderWay(rows: readonly UnderWay[]): (...parts: string[]) => number {
  const counts = new Map<string, number>()
  for (const { organizationId, jobType, queued, running } of rows)
    for (const parts of [[organizationId], [jobType], [organizationId, jobType]])
      counts.set(parts.join(' '), (counts.get(parts.join(' ')) ?? 0) + queued + running)
  return (...parts) => counts.get(parts.join(' ')) ?? 0
}

/** The workers that take a pool, and what is in their queues. */
interface Takers {
  workers: WaitingFacts['workers']
  load: WaitingFacts['load']
  /** Slots that are kept. */
  kept: number
  underWay: readonly UnderWay[]
}

/**
 * Tells the takers of a pool in a queue. A crew that takes several pools has one queue for all of them, so all of its
 * work counts for each. Work of a crew that is gone counts for the pool of its type.
 */
function takers(
  queues: readonly QueueFacts[],
  underWay: readonly UnderWay[],
  poolOf: (jobType: string) => string,
): (queue: QueueName, pool: string) => Takers {
  const known = new Map<string, Takers>()
  const tell = (queue: QueueName, pool: string): Takers => {
    const all = queues.filter((row) => row.queue === queue)
    const mine = all.filter(({ pools }) => pools === null || pools.includes(pool))
    const crews = new Set(mine.map(({ crew }) => crew))
    const alive = new Set(all.map(({ crew }) => crew))
    const rows = underWay.filter(
      (row) => row.queue === queue && (crews.has(row.crew) || (!alive.has(row.crew) && poolOf(row.jobType) === pool)),
    )
    const sum = <Row>(of: readonly Row[], value: (row: Row) => number) => of.reduce((so, row) => so + value(row), 0)
    const live = sum(mine, (row) => row.live)
    return {
      workers: { live, draining: sum(mine, (row) => row.draining), elsewhere: sum(all, (row) => row.live) - live },
      load: {
        queued: sum(rows, (row) => row.queued),
        running: sum(rows, (row) => row.running),
        slots: sum(mine, (row) => row.slots),
      },
      kept: sum(mine, (row) => row.kept),
      underWay: rows,
    }
  }
  return (queue, pool) => {
    const key = `${queue} ${pool}`
    const told = known.get(key) ?? tell(queue, pool)
    known.set(key, told)
    return told
  }
}

const sumOf = (rows: readonly UnderWay[]) => rows.reduce((sum, { queued, running }) => sum + queued + running, 0)

async function readOrganizations(
  db: DbOrTx,
  ids: readonly string[],
): Promise<{ now: Date; organizations: Map<string, OrganizationRow> }> {
  const rows = await db.$queryRaw<(OrganizationRow & { now: Date; id: string | null })[]>`
    SELECT m.now, o.id, o.status, o.suspended_at AS "suspendedAt", o.suspend_reason AS "suspendReason", o.max_concurrent AS "maxConcurrent"
    FROM (SELECT clock_timestamp() AS now) m LEFT JOIN organizations o ON o.id = ANY(${[...ids]}::uuid[])`
  const found = rows.filter(({ id }) => id !== null)
  const theRest = {
    id: THE_REST,
    status: 'ACTIVE' as const,
    suspendedAt: null,
    suspendReason: null,
    maxConcurrent: null,
  }
  return {
    now: rows[0]!.now,
    organizations: new Map([theRest, ...found.map(({ now: _, ...row }) => row)].map((row) => [row.id, row])),
  }
}

/** The settings of all job types, because what is under way may be of any type. */
async function readTypes(db: DbOrTx): Promise<Map<string, TypeRow>> {
  const rows = await db.$queryRaw<TypeRow[]>`
    SELECT name, enabled, pool, concurrency_global AS global, concurrency_per_organization AS "perOrganization"
    FROM job_types`
  return new Map(rows.map((row) => [row.name, row]))
}

const readUnderWay = (db: DbOrTx): Promise<UnderWay[]> => db.$queryRaw`
  SELECT organization_id AS "organizationId", job_type AS "jobType", queue, crew,
    (count(*) FILTER (WHERE status = 'QUEUED'))::int AS queued, (count(*) FILTER (WHERE status = 'RUNNING'))::int AS running
  FROM jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY 1, 2, 3, 4`

/** For job types of which a version has no handler: the name of that handler, by version. */
export type MissingHandlers = ReadonlyMap<string, ReadonlyMap<number, string>>

/**
 * Versions of job types whose handler no live worker of their pool has, where any is alive. The version of a job
 * decides, and only of these few types does anybody need to know the versions of their jobs.
 */
export async function missingHandlers(db: DbOrTx): Promise<MissingHandlers> {
  const takers = Prisma.sql`SELECT 1 FROM workers w WHERE ${takesWork} AND ${workerTakesPool}`
  const rows = await db.$queryRaw<{ jobType: string; version: number; handler: string }[]>`
    SELECT v.job_type AS "jobType", v.version, ${handlerOf} AS handler
    FROM job_type_versions v JOIN job_types t ON t.name = v.job_type
    WHERE EXISTS (${takers}) AND NOT EXISTS (${takers} AND ${workerHas(handlerOf)})`
  const found = new Map<string, Map<number, string>>()
  for (const { jobType, version, handler } of rows) {
    if (!found.has(jobType)) found.set(jobType, new Map())
    found.get(jobType)!.set(version, handler)
  }
  return found
}
