import { Prisma, statementName, type DbOrTx } from '@/server/db'
import { TRANSITIONS, isFinal, type FinalStatus } from '../domain/state'
import type { Actor, JobStatus, Json } from '../domain/types'
import { lockJobs } from './by-id'
import { tellMoved } from './moved-jobs'
import { isDueAt, rankAt } from './rank'
import { jobViewColumns, type JobViewRow } from './reads/job-view'
import { asVector } from './reads/search'

type Sql = Prisma.Sql
const { sql, raw, join } = Prisma

/**
 * One kind of transition, as the pieces of one statement. In every piece, `j` is the row of jobs, and `s` is the row of
 * `source` that asked for the transition.
 */
export interface Transition {
  /** The name of the prepared statement. One name must always come with the same pieces. */
  name: string
  /** The statuses that the transition may start from. The state table must allow `to` after each of them. */
  from: readonly JobStatus[]
  to: JobStatus
  /** A SELECT that gives job_id and whatever the other pieces read as `s.…`. */
  source: Sql
  /** A condition that must still hold when the row is locked: dispatch, attempt, no cancel asked. */
  fence?: Sql
  /**
   * `skip` leaves out rows that somebody else has locked. Batches take those one by one afterwards. With `source`, the
   * source has locked its rows itself, in any order, and gives from_status. It must then skip locked rows, and choose
   * only rows in one of the `from`: neither these nor `fence` are looked at again.
   */
  lock: 'wait' | 'skip' | 'source'
  /** The assignments besides status. */
  set: Sql
  actor: Actor
  /** The text of the history row. It reads `j.…` (after the update) and `s.…`. */
  message?: Sql
  /** More columns of `moved`, each as `expression AS name` over `j` and `s`. */
  returning?: Sql
  /** More CTEs of the same statement that read `moved` (attempts, claims, results). */
  also?: readonly Sql[]
  /**
   * With true, the answer is one JSON value instead of rows. It is for batches of hundreds, where taking rows and
   * columns apart would cost the worker more than the statement itself. Dates are then ISO texts.
   */
  asJson?: boolean
  /** The answer of the statement, over `moved`. By default it has the fields of `Moved`. */
  select?: Sql
}

/** The least that every transition answers. */
export interface Moved {
  job_id: string
  attempt: number
  from_status: JobStatus
}

/**
 * The only way in which a job's status changes. Jobs are made by `createJobs` below.
 *
 * It is one statement. It locks the rows in the order of ids, keeps those that are in an expected status and pass the
 * fence, updates them, and writes their ExecutionLog rows. It returns the rows that really moved, and the caller
 * decides about the missing ones. It runs in the given transaction, or as a transaction of its own.
 *
 * @throws Error when the state table does not list the transition, which is a programming error
 */
export async function transition<Row extends Moved = Moved>(db: DbOrTx, plan: Transition): Promise<Row[]> {
  for (const from of plan.from) {
    if (!TRANSITIONS[from].includes(plan.to))
      throw new Error(`the state table in domain/state.ts has no transition from ${from} to ${plan.to}`)
  }
  const to = raw(`'${plan.to}'::"JobStatus"`)
  const answer = plan.select ?? sql`SELECT job_id, attempt, from_status FROM moved`
  const statement = sql`${statementName(plan.name)}
    WITH source AS MATERIALIZED (${plan.source}),
    locked AS MATERIALIZED (${
      plan.lock === 'source'
        ? sql`SELECT * FROM source`
        : sql`
      SELECT locked.status AS from_status, s.* FROM (SELECT * FROM source ORDER BY job_id) s ${lockJobs(plan.from, plan.fence, plan.lock)}`
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
  const rows = await answerOf<Row>(db, statement, plan.asJson)
  tellMoved(plan.to, rows)
  return rows
}

async function answerOf<Row>(db: DbOrTx, statement: Sql, asJson = false): Promise<Row[]> {
  if (!asJson) return db.$queryRaw<Row[]>(statement)
  const [one] = await db.$queryRaw<{ rows: string }[]>(statement)
  return JSON.parse(one!.rows) as Row[]
}

/**
 * The assignment for a row of jobs that gets a new history row. The history row is stored under `history_xid`. A
 * transaction has its number since its first write, which may be long before it came to this job. With that number, the
 * new row could go out to viewers before an earlier row of the job.
 */
export const HISTORY_XID = sql`history_xid = GREATEST(j.history_xid, pg_current_xact_id()::text::bigint)`

/**
 * Keeps the numbers of unfinished and ended jobs (store/admission/usage.ts) right. It is done here, because no other
 * place sees every job that ends or comes back. Rows are only appended, so that nobody waits for a submission that is
 * still open.
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

/** The column of usage_deltas that counts the jobs that ended with each status. */
const ENDED_COLUMN: Record<FinalStatus, string> = { COMPLETED: 'completed', CANCELED: 'canceled', DEAD_LETTER: 'dead' }

/** One job to create, in the form in which the statement below reads it from JSON. */
export interface NewJob {
  id: string
  job_type: string
  job_type_version: number
  queue: string
  priority: string
  max_retries: number
  timeout_seconds: number
  /** When it may run (ISO 8601). Null means now. */
  run_at: string | null
  /** Hexadecimal. Null with dedupe: false. */
  dedupe_hash: string | null
  /** The jobs it waits for, each once. `pending_parents` is how many of them are open (store/open-parents.ts). */
  parents: readonly { id: string; on_ended: boolean; ref: string | null }[]
  pending_parents: number
  /** The parameters as everybody may read them, with masks where the type's schema says so. */
  parameters: Json
  /** The parameters as they were submitted, where that differs. */
  unmasked: Json | null
  /** The job that it repeats. */
  rerun_of?: string
  /** The schedule that submitted it. */
  schedule_id?: string
  /** Where it came from (JobOrigin). */
  request_id?: string | null
  trace_parent?: string | null
  title: string
  /** The words that the job is found by (store/reads/search.ts). */
  words: string
}

/**
 * Makes all of `jobs`, with status PENDING, parameters and history. A run time that is absent or in the past means now,
 * by the database's clock. It returns the jobs in the form that `toJobView` takes, in no particular order. Nothing is
 * masked, because they go to the caller who submitted them. Of the tables that `jobViewColumns` reads, an organization
 * (`o`) and a result (`r`) are made up at the end: a new job has no result that could be withheld.
 */
export async function createJobs(
  db: DbOrTx,
  organizationId: string,
  jobs: readonly NewJob[],
  actor: Actor,
): Promise<JobViewRow[]> {
  const to = raw(`'PENDING'::"JobStatus"`)
  const rows = await db.$queryRaw<JobViewRow[]>(sql`${statementName('create')}
    WITH source AS MATERIALIZED (
      SELECT s.*, GREATEST(s.run_at, clock_timestamp()) AS due
      FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS s(
        id uuid, job_type text, job_type_version int, queue "JobQueue", priority "JobPriority", max_retries int,
        timeout_seconds int, run_at timestamptz, dedupe_hash text, parents jsonb, pending_parents int, parameters jsonb, unmasked jsonb, rerun_of uuid, schedule_id uuid, request_id text, trace_parent text, title text, words text)
    ),
    created AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, priority, max_retries,
        timeout_seconds, run_at, rank_at, is_due, pending_parents, dedupe_hash, submitted_by_type, submitted_by_id, submitted_by_name, created_at)
      SELECT id, ${organizationId}::uuid, job_type, job_type_version, queue, ${to}, priority, max_retries,
        timeout_seconds, due, ${rankAt(sql`due`, sql`priority`)}, ${isDueAt(sql`due`)}, pending_parents, decode(dedupe_hash, 'hex'),
        ${actorColumns(actor)}, clock_timestamp()
      FROM source RETURNING *
    ),
    inputs AS (
      INSERT INTO job_inputs (job_id, organization_id, job_type, priority, submitted_by_id, parameters, unmasked, rerun_of, schedule_id, request_id, trace_parent)
      SELECT id, ${organizationId}::uuid, job_type, priority, ${actor.id}::uuid, COALESCE(parameters, 'null'::jsonb), unmasked, rerun_of, schedule_id,
        request_id, trace_parent FROM source
    ),
    search_words AS (
      INSERT INTO job_search (job_id, organization_id, title, words) SELECT id, ${organizationId}::uuid, title, ${asVector(sql`words`)} FROM source
    ),
    history AS (
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name)
      SELECT id, ${organizationId}::uuid, NULL, ${to}, 0, ${actorColumns(actor)} FROM source ORDER BY id
    ),
    dependencies AS (
      INSERT INTO job_dependencies (job_id, parent_id, on_ended, ref)
      SELECT s.id, p.id, p.on_ended, p.ref FROM source s
      CROSS JOIN LATERAL jsonb_to_recordset(s.parents) AS p(id uuid, on_ended boolean, ref text)
    ),
    usage AS (INSERT INTO usage_deltas (organization_id, delta) SELECT ${organizationId}::uuid, count(*) FROM source)
    SELECT ${jobViewColumns({ all: true })} FROM created j JOIN source i ON i.id = j.id CROSS JOIN LATERAL (SELECT i.title) t,
      (SELECT 'ACTIVE'::"OrganizationStatus" AS status) o, (SELECT NULL::jsonb AS result) r`)
  tellMoved(
    'SUBMITTED',
    rows.map(({ id }) => ({ job_id: id })),
  )
  return rows
}

/** The values of actor_type, actor_id and actor_name. */
export function actorColumns(actor: Actor): Sql {
  return sql`${actor.type.toUpperCase()}::"ActorType", ${actor.id}::uuid, ${actor.name}`
}
