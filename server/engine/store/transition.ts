import { Prisma, statementName, type DbOrTx } from '@/server/db'
import { TRANSITIONS, isFinal, type FinalStatus } from '../domain/state'
import type { Actor, JobStatus, Json } from '../domain/types'
import { rankAt } from './rank'
import { jobViewColumns, type JobViewRow } from './reads/job-view'
import { asVector } from './reads/search'

type Sql = Prisma.Sql
const { sql, raw, join } = Prisma

/**
 * One kind of transition, as pieces of one statement. In every piece `j` is the row of jobs and `s`
 * the row of `source` that asked for it.
 */
export interface Transition {
  /** Names the prepared statement; the same name must always come with the same pieces. */
  name: string
  /** Statuses it may start from; each must list `to` in the state table. */
  from: readonly JobStatus[]
  to: JobStatus
  /** SELECT that yields job_id and whatever the other pieces read as `s.…`. */
  source: Sql
  /** Condition that still must hold under the row lock: dispatch, attempt, no cancel asked. */
  fence?: Sql
  /**
   * `skip` leaves out rows that somebody holds (batches take those one by one afterwards). `source`:
   * it has locked its rows already, in no order (it must skip locked ones then), and yields from_status.
   */
  lock: 'wait' | 'skip' | 'source'
  /** Assignments beside status. */
  set: Sql
  actor: Actor
  /** Text of the history row; reads `j.…` (after the update) and `s.…`. */
  message?: Sql
  /** More columns of `moved`, as `expression AS name` over `j` and `s`. */
  returning?: Sql
  /** Further CTEs of the same statement over `moved` (attempts, claims, results). */
  also?: readonly Sql[]
  /**
   * The answer comes as one JSON value instead of rows: for batches of hundreds, whose rows and columns
   * would cost the worker more to take apart than the statement costs. Dates are then ISO texts.
   */
  asJson?: boolean
  /** What the statement answers, over `moved`; default: what `Moved` says. */
  select?: Sql
}

/** What every transition answers at least. */
export interface Moved {
  job_id: string
  attempt: number
  from_status: JobStatus
}

/**
 * The one way in which a job's status changes (creation is `createJobs` below).
 *
 * One statement: locks the rows in id order, keeps those that are in an expected status and pass the
 * fence, updates them, and writes their ExecutionLog rows. Returns the rows that really moved; the
 * caller decides from what is missing. Runs in the given transaction, or as a transaction of its own.
 *
 * @throws Error when the state table does not list the transition (a programming error).
 */
export async function transition<Row extends Moved = Moved>(db: DbOrTx, plan: Transition): Promise<Row[]> {
  for (const from of plan.from) {
    if (!TRANSITIONS[from].includes(plan.to)) throw new Error(`no transition from ${from} to ${plan.to}`)
  }
  const to = raw(`'${plan.to}'::"JobStatus"`)
  // As text: an index on status would find all jobs in that status, where few are asked for by key.
  const from = join(plan.from.map((status) => raw(`'${status}'`)))
  const answer = plan.select ?? sql`SELECT job_id, attempt, from_status FROM moved`
  const statement = sql`${statementName(plan.name)}
    WITH source AS MATERIALIZED (${plan.source}),
    locked AS MATERIALIZED (${
      plan.lock === 'source'
        ? sql`SELECT * FROM source`
        : sql`
      SELECT j.status AS from_status, s.*
      FROM source s JOIN jobs j ON j.id = s.job_id
      WHERE j.status::text IN (${from}) ${plan.fence ? sql`AND (${plan.fence})` : Prisma.empty}
      ORDER BY j.id FOR NO KEY UPDATE OF j ${raw(plan.lock === 'skip' ? 'SKIP LOCKED' : '')}`
    }),
    moved AS (
      UPDATE jobs j SET status = ${to}, ${HISTORY_XID}, ${plan.set}
      FROM locked s WHERE j.id = s.job_id
      RETURNING j.id AS job_id, j.organization_id, j.attempt, s.from_status, j.history_xid,
        ${plan.message ?? raw('NULL')}::text AS message ${plan.returning ? sql`, ${plan.returning}` : Prisma.empty}
    ),
    history AS (
      INSERT INTO execution_logs (xid, job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name, message)
      SELECT history_xid, job_id, organization_id, from_status, ${to}, attempt, ${actorColumns(plan.actor)}, message FROM moved
    )
    ${counts(plan)}
    ${plan.also?.length ? sql`, ${join(plan.also as Sql[])}` : Prisma.empty}
    ${plan.asJson ? sql`SELECT COALESCE(json_agg(t), '[]')::text AS rows FROM (${answer}) t` : answer}`
  if (!plan.asJson) return db.$queryRaw<Row[]>(statement)
  const [one] = await db.$queryRaw<{ rows: string }[]>(statement)
  return JSON.parse(one!.rows) as Row[]
}

/**
 * Assignment for the row of jobs that takes a new history row, which then stands under `history_xid`.
 * A transaction has its number since its first write, which may lie long before it came to this job;
 * under its own number the row could go out to viewers before one that the job already had.
 */
export const HISTORY_XID = sql`history_xid = GREATEST(j.history_xid, pg_current_xact_id()::text::bigint)`

/**
 * Keeps the numbers of unfinished and ended jobs (store/admission/usage.ts) true: here, because no other place
 * sees every job that ends or comes back. Appended only, so that nobody waits for a submission under way.
 */
function counts({ from, to }: Transition): Sql {
  if (isFinal(to)) {
    return sql`, usage AS (
      INSERT INTO usage_deltas (organization_id, delta, ${raw(ENDED_COLUMN[to])})
      SELECT organization_id, -count(*), count(*) FROM moved GROUP BY organization_id
    )`
  }
  if (!from.some(isFinal)) return Prisma.empty
  return sql`, usage AS (
      INSERT INTO usage_deltas (organization_id, delta, canceled, dead)
      SELECT organization_id, count(*), -count(*) FILTER (WHERE from_status = 'CANCELED'), -count(*) FILTER (WHERE from_status = 'DEAD_LETTER')
      FROM moved WHERE from_status IN ('CANCELED', 'DEAD_LETTER') GROUP BY organization_id
    )`
}

/** Where usage counts the jobs that ended so. */
const ENDED_COLUMN: Record<FinalStatus, string> = { COMPLETED: 'completed', CANCELED: 'canceled', DEAD_LETTER: 'dead' }

/** One job to create; `due` (ISO) is when it may run. */
export interface NewJob {
  id: string
  job_type: string
  job_type_version: number
  queue: string
  priority: string
  max_retries: number
  timeout_seconds: number
  run_at: string | null
  /** Hex, or null with dedupe: false. */
  dedupe_hash: string | null
  /** Ids of the jobs it waits for, each once; `pending_parents` of them are not COMPLETED. */
  parents: readonly string[]
  pending_parents: number
  /** As everybody may read them: with masks where the type's schema says so. */
  parameters: Json
  /** As they were submitted, where that is something else. */
  unmasked: Json | null
  /** The job that it repeats. */
  rerun_of?: string
  title: string
  /** What it is found by (store/reads/search.ts). */
  words: string
}

/**
 * (new) → PENDING for all of `jobs`, with parameters and history. A run time that is absent or past
 * means now, by the database's clock. Returns the jobs as `toJobView` takes them, in no order, and
 * unmasked: for who submitted them.
 */
export async function createJobs(
  db: DbOrTx,
  organizationId: string,
  jobs: readonly NewJob[],
  actor: Actor,
): Promise<JobViewRow[]> {
  const to = raw(`'PENDING'::"JobStatus"`)
  return db.$queryRaw<JobViewRow[]>(sql`${statementName('create')}
    WITH source AS MATERIALIZED (
      SELECT s.*, GREATEST(s.run_at, clock_timestamp()) AS due
      FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS s(
        id uuid, job_type text, job_type_version int, queue "JobQueue", priority "JobPriority", max_retries int,
        timeout_seconds int, run_at timestamptz, dedupe_hash text, parents jsonb, pending_parents int, parameters jsonb, unmasked jsonb, rerun_of uuid, title text, words text)
    ),
    created AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, priority, max_retries,
        timeout_seconds, run_at, rank_at, pending_parents, dedupe_hash, submitted_by_type, submitted_by_id, submitted_by_name, created_at)
      SELECT id, ${organizationId}::uuid, job_type, job_type_version, queue, ${to}, priority, max_retries,
        timeout_seconds, due, ${rankAt(sql`due`, sql`priority`)}, pending_parents, decode(dedupe_hash, 'hex'),
        ${actorColumns(actor)}, clock_timestamp()
      FROM source RETURNING *
    ),
    inputs AS (
      INSERT INTO job_inputs (job_id, organization_id, job_type, priority, submitted_by_id, parameters, unmasked, rerun_of)
      SELECT id, ${organizationId}::uuid, job_type, priority, ${actor.id}::uuid, COALESCE(parameters, 'null'::jsonb), unmasked, rerun_of FROM source
    ),
    found_by AS (
      INSERT INTO job_search (job_id, organization_id, title, words) SELECT id, ${organizationId}::uuid, title, ${asVector(sql`words`)} FROM source
    ),
    history AS (
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name)
      SELECT id, ${organizationId}::uuid, NULL, ${to}, 0, ${actorColumns(actor)} FROM source ORDER BY id
    ),
    dependencies AS (
      INSERT INTO job_dependencies (job_id, parent_id)
      SELECT s.id, p::uuid FROM source s CROSS JOIN LATERAL jsonb_array_elements_text(s.parents) AS p
    ),
    usage AS (INSERT INTO usage_deltas (organization_id, delta) SELECT ${organizationId}::uuid, count(*) FROM source)
    SELECT ${jobViewColumns({ all: true })} FROM created j JOIN source i ON i.id = j.id CROSS JOIN LATERAL (SELECT i.title) t,
      (SELECT 'ACTIVE'::"OrganizationStatus" AS status) o, (SELECT NULL::jsonb AS result) r`)
}

/** actor_type, actor_id, actor_name. */
export function actorColumns(actor: Actor): Sql {
  return sql`${actor.type.toUpperCase()}::"ActorType", ${actor.id}::uuid, ${actor.name}`
}
