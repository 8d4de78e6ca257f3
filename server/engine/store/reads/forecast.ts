import { Prisma, type DbOrTx } from '@/server/db'
import type { ActKind, SkipReason } from '../../domain/bulk'
import type { ForecastFacts, TypeFacts } from '../../domain/forecast'
import { FINAL_STATUSES, RETRYABLE_STATUSES, UNFINISHED_STATUSES } from '../../domain/state'
import type { Actor } from '../../domain/types'
import { roomInQuota } from '../admission/usage'
import { COOL_DOWN_MINUTES } from '../circuit-breaker'

const { sql } = Prisma
const statuses = (names: readonly string[]) => sql`ARRAY[${Prisma.join([...names])}]::"JobStatus"[]`

interface Asked {
  kind: ActKind
  organizationId: string
  /** A query for the ids. */
  ids: Prisma.Sql
  /** Where the requester may touch its own jobs only: itself. */
  onlyOf?: Pick<Actor, 'type' | 'id'>
}

interface Counted {
  /** Why these would be skipped. Null: they would not. */
  reason: SkipReason | null
  jobType: string
  jobs: number
  running: number
  /** Those whose last error is permanent, so that a retry would likely fail again. */
  permanent: number
  /** Those whose run time lies ahead. */
  scheduled: number
  dead: number
  /** Those that have ended: only they need room in the quota. */
  ended: number
  /** The same in each row: other things that it touches. */
  related: number
}

/**
 * What would become of these jobs, counted in a few statements over all of them. Nothing is locked or written, so what
 * comes between this and the act may still change it.
 */
export async function forecastFacts(
  db: DbOrTx,
  { kind, organizationId, ids, onlyOf }: Asked,
): Promise<ForecastFacts & { matched: number }> {
  const judged = sql`
    found AS MATERIALIZED (${ids}),
    jobs_meant AS MATERIALIZED (
      SELECT j.id, j.status, j.job_type, j.error_class, j.dedupe_hash, j.run_at,
        ${onlyOf ? sql`(j.submitted_by_type = ${onlyOf.type.toUpperCase()}::"ActorType" AND j.submitted_by_id IS NOT DISTINCT FROM ${onlyOf.id}::uuid)` : sql`TRUE`} AS mine
      FROM found f JOIN jobs j ON j.id = f.id
    ),
    judged AS MATERIALIZED (${JUDGES[kind](organizationId)})`
  const counted = await db.$queryRaw<Counted[]>`
    WITH ${judged}
    SELECT reason, job_type AS "jobType", count(*)::int AS jobs, (count(*) FILTER (WHERE status = 'RUNNING'))::int AS running,
      (count(*) FILTER (WHERE error_class = 'PERMANENT'))::int AS permanent,
      (count(*) FILTER (WHERE run_at > clock_timestamp()))::int AS scheduled,
      (count(*) FILTER (WHERE status = 'DEAD_LETTER'))::int AS dead, (count(*) FILTER (WHERE status = ANY(${statuses(FINAL_STATUSES)})))::int AS ended,
      (${RELATED[kind]}) AS related
    FROM judged GROUP BY reason, job_type ORDER BY job_type`
  const related = counted[0]?.related ?? 0
  const done = counted.filter(({ reason }) => reason === null)
  const sum = (rows: readonly Counted[], of: keyof Omit<Counted, 'reason' | 'jobType' | 'related'>) =>
    rows.reduce((total, row) => total + row[of], 0)
  const skipped: Partial<Record<SkipReason, number>> = {}
  for (const { reason, jobs } of counted) if (reason) skipped[reason] = (skipped[reason] ?? 0) + jobs
  let would = sum(done, 'jobs')
  if (kind === 'RETRY') {
    const beyond = Math.max(0, sum(done, 'ended') - (await roomInQuota(db, organizationId)))
    if (beyond > 0) skipped.QUEUE_FULL = beyond
    would -= beyond
  }
  return {
    kind,
    matched: sum(counted, 'jobs'),
    would,
    skipped,
    ...(await readHolds(db, organizationId, done)),
    running: sum(done, 'running'),
    permanent: sum(done, 'permanent'),
    scheduled: sum(done, 'scheduled'),
    dead: sum(done, 'dead'),
    withArtifacts: kind === 'DELETE' ? related : 0,
    revived: kind === 'RETRY' ? related : 0,
    waiting: kind === 'CANCEL' ? related : 0,
  }
}

/** Each job of `jobs_meant` with the reason for which it would be skipped, as the act itself decides; null: none. */
const JUDGES: Record<ActKind, (organizationId: string) => Prisma.Sql> = {
  CANCEL: () => sql`
    SELECT m.*, CASE WHEN NOT m.mine THEN 'NOT_PERMITTED' WHEN m.status = ANY(${statuses(FINAL_STATUSES)}) THEN 'ILLEGAL_TRANSITION' END AS reason
    FROM jobs_meant m`,
  // With OFFSET 0 the children of each job are looked up: as a join, all children and all unfinished jobs were read.
  DELETE: () => sql`
    SELECT m.*, CASE WHEN NOT m.mine THEN 'NOT_PERMITTED'
      WHEN m.status <> ALL(${statuses(FINAL_STATUSES)}) OR EXISTS (
        SELECT FROM job_dependencies d JOIN jobs c ON c.id = d.job_id
        WHERE d.parent_id = m.id AND c.status = ANY(${statuses(UNFINISHED_STATUSES)}) OFFSET 0) THEN 'ILLEGAL_TRANSITION' END AS reason
    FROM jobs_meant m`,
  // A dead parent that is among them comes back first. Of several with one hash the oldest gets it.
  RETRY: (organizationId) => sql`
    SELECT m.*, CASE WHEN NOT m.mine THEN 'NOT_PERMITTED' WHEN m.status <> ALL(${statuses(RETRYABLE_STATUSES)}) THEN 'ILLEGAL_TRANSITION'
      WHEN p.job_id IS NOT NULL THEN 'INVALID_DEPENDENCY'
      WHEN m.dedupe_hash IS NOT NULL AND (h.job_id IS NOT NULL OR row_number() OVER (
        PARTITION BY m.job_type, m.dedupe_hash, m.status = ANY(${statuses(RETRYABLE_STATUSES)}) ORDER BY m.id) > 1) THEN 'DUPLICATE_JOB' END AS reason
    FROM jobs_meant m
    LEFT JOIN (
      SELECT DISTINCT d.job_id FROM jobs_meant c JOIN job_dependencies d ON d.job_id = c.id LEFT JOIN jobs p ON p.id = d.parent_id
      WHERE NOT d.on_ended AND (p.id IS NULL OR p.status IN ('DEAD_LETTER', 'CANCELED')) AND NOT EXISTS (SELECT 1 FROM jobs_meant x WHERE x.id = d.parent_id)) p ON p.job_id = m.id
    LEFT JOIN dedupe_claims h ON h.organization_id = ${organizationId}::uuid AND h.job_type = m.job_type AND h.hash = m.dedupe_hash
      AND h.held_until > clock_timestamp() AND h.job_id <> m.id`,
}

/** Other things that it touches: dead descendants that come back, jobs that wait, jobs with artifacts. */
const RELATED: Record<ActKind, Prisma.Sql> = {
  RETRY: sql`
    SELECT count(*)::int AS count FROM judged m JOIN jobs d ON d.cause_job_id = m.id
    WHERE m.reason IS NULL AND d.status = 'DEAD_LETTER' AND NOT EXISTS (SELECT 1 FROM jobs_meant x WHERE x.id = d.id)`,
  CANCEL: sql`
    SELECT count(DISTINCT c.id)::int AS count FROM judged m JOIN job_dependencies d ON d.parent_id = m.id JOIN jobs c ON c.id = d.job_id
    WHERE m.reason IS NULL AND c.status = ANY(${statuses(UNFINISHED_STATUSES)}) AND NOT EXISTS (SELECT 1 FROM jobs_meant x WHERE x.id = c.id)`,
  DELETE: sql`SELECT count(DISTINCT m.id)::int AS count FROM judged m JOIN artifacts a ON a.job_id = m.id WHERE m.reason IS NULL`,
}

type Held = Pick<ForecastFacts, 'types' | 'platformPause' | 'organizationPause' | 'organizationLimit'>

/** What will hold these jobs when they wait again. */
async function readHolds(db: DbOrTx, organizationId: string, done: readonly Counted[]): Promise<Held> {
  const names = done.map(({ jobType }) => jobType)
  const types = await db.$queryRaw<Omit<TypeFacts, 'jobs' | 'pause'>[]>`
    SELECT t.name AS "jobType", t.enabled, least(t.concurrency_global, t.concurrency_per_organization) AS limit,
      CASE WHEN c.state <> 'CLOSED' THEN jsonb_build_object('failures', c.failures, 'outcomes', c.outcomes,
        'trialMayStartAt', c.opened_at + ${COOL_DOWN_MINUTES} * interval '1 minute') END AS circuit
    FROM job_types t LEFT JOIN circuits c ON c.job_type = t.name AND c.organization_id = ${organizationId}::uuid
    WHERE t.name = ANY(${names}) ORDER BY t.name`
  const pauses = await db.$queryRaw<{ scope: string; target: string; by: string; reason: string | null }[]>`
    SELECT scope, target, paused_by ->> 'name' AS by, reason FROM pauses
    WHERE scope = 'PLATFORM' OR (scope = 'ORGANIZATION' AND target = ${organizationId}) OR (scope = 'JOB_TYPE' AND target = ANY(${names}))`
  const pauseOf = (scope: string, target: string) =>
    pauses.find((pause) => pause.scope === scope && pause.target === target) ?? null
  const { maxConcurrent } = await db.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { maxConcurrent: true },
  })
  return {
    types: types.map((type) => ({
      ...type,
      jobs: done.find(({ jobType }) => jobType === type.jobType)?.jobs ?? 0,
      circuit: type.circuit && { ...type.circuit, trialMayStartAt: new Date(type.circuit.trialMayStartAt) },
      pause: pauseOf('JOB_TYPE', type.jobType),
    })),
    platformPause: pauseOf('PLATFORM', ''),
    organizationPause: pauseOf('ORGANIZATION', organizationId),
    organizationLimit: maxConcurrent,
  }
}
