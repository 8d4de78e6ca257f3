import { NIL as NO_ID } from 'uuid'
import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { ANY_CREW, type Crew } from '../../domain/crew'
import { sensitiveTexts } from '../../domain/sensitive'
import { systemActor, type Json } from '../../domain/types'
import type { HoldName } from '../../domain/waiting-facts'
import type { Ticket } from '../../queue/messages'
import { freeHashes } from '../../store/admission/dedupe'
import { ORGANIZATION_NOT_FOUND } from '../../store/administration/organizations'
import { holdsRole } from '../../store/administration/permission'
import { HOLDS, whatHoldsBack } from '../../store/holds'
import { keepMessageWords } from '../../store/reads/search'
import { retryConflicts } from '../../store/transaction'
import { COMES_BACK, dueAt } from '../../store/rank'
import { joinJobs } from '../../store/by-id'
import { transition, type Moved } from '../../store/transition'
import { WORKER_LOST_SECONDS } from '../../store/live-workers'
import { updateDependents } from '../jobs/dependents'

/**
 * Seconds for which a claim holds without renewal, by the database's clock (rule 4.3). Then its worker counts as lost.
 */
export const LEASE_SECONDS = WORKER_LOST_SECONDS

/** What a worker needs to run one attempt. */
export interface Claimed extends Ticket {
  organizationId: string
  organizationName: string
  jobType: string
  handler: string
  attempt: number
  failures: number
  maxRetries: number
  timeoutSeconds: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
  dedupeWindowSeconds: number
  createdAt: Date
  parameters: Json
  /** Texts among the parameters that must be hidden in everything that is shown of this attempt. */
  sensitive: string[]
  /** Seconds from the moment when the job could have started until it did. */
  readySeconds: number
  /** Seconds from the moment when it was handed to the queue until it started. */
  queuedSeconds: number
  /** The id of the request that submitted the job, for log lines. */
  requestId: string | null
  /** The W3C trace context of who submitted it. */
  traceParent: string | null
}

interface ClaimRow extends Moved {
  organization_id: string
  organization_name: string
  job_type: string
  dispatch: number
  attempt: number
  failures: number
  max_retries: number
  timeout_seconds: number
  created_at: string
  parameters: Json
  unmasked: Json | null
  job_type_version: number
  /** The version's settings. The statement gives them with one job of each version. */
  settings: VersionSettings | null
  ready_seconds: number
  queued_seconds: number
  request_id: string | null
  trace_parent: string | null
}

/** What a worker goes by of the version of a job type, as its configuration has it. */
interface VersionSettings {
  handler: string
  backoffBaseSeconds: number
  backoffCapSeconds: number
  dedupeWindowSeconds: number
}

type ClaimedRow = ClaimRow & { settings: VersionSettings }

/**
 * Why a job that was dispatched may not start after all. Some reasons are for ever, others last while a hold is in
 * force.
 */
type Obstacle = 'organization' | 'submitter' | HoldName

const actor = systemActor('worker')

/**
 * QUEUED → RUNNING for those of `messages` whose dispatch is still the current one. One statement begins the next
 * attempt with a lease, and checks once more what may have changed since submission (organization, pause, job type,
 * circuit, pool and handlers of the worker, the submitter's right). Jobs that may not start move to where they belong
 * and are not returned. Rows that somebody else has locked delay no other: they come back as `locked`, to be tried
 * again.
 */
export async function claimUnlocked(
  db: Db,
  workerId: string,
  messages: readonly Ticket[],
  crew: Crew = ANY_CREW,
): Promise<{ claimed: Claimed[]; locked: Ticket[] }> {
  const claimed = await retryConflicts(() => claim(db, workerId, messages, 'skip', crew))
  // A claim stays valid, whatever happens to the other messages. Where turning those away fails, the reconciler
  // (worker/upkeep/reconciler.ts) finds them.
  const locked = claimed.length < messages.length ? await turnAway(db, messages, claimed, crew).catch(() => []) : []
  return { claimed: claimed.map(toClaimed), locked }
}

/** The same as `claimUnlocked`, but it then waits for the rows that somebody else had locked, one by one. */
export async function claimJobs(
  db: Db,
  workerId: string,
  messages: readonly Ticket[],
  crew: Crew = ANY_CREW,
): Promise<Claimed[]> {
  const { claimed, locked } = await claimUnlocked(db, workerId, messages, crew)
  for (const ticket of locked) {
    const rows = await retryConflicts(() => claim(db, workerId, [ticket], 'wait', crew))
    if (rows.length === 0) await turnAway(db, [ticket], [], crew)
    claimed.push(...rows.map(toClaimed))
  }
  return claimed
}

/** Runs the claim over no jobs, so that a connection knows the statement before it is needed. */
export async function claimNothing(tx: Tx): Promise<void> {
  await claim(tx, NO_ID, [], 'skip', ANY_CREW)
}

async function claim(
  db: DbOrTx,
  workerId: string,
  messages: readonly Ticket[],
  lock: 'skip' | 'wait',
  crew: Crew,
): Promise<ClaimedRow[]> {
  const rows = JSON.stringify(messages.map(({ jobId, dispatch }) => ({ job_id: jobId, dispatch })))
  const claimed = await transition<ClaimRow>(db, {
    name: `claim_${lock}`,
    asJson: true,
    from: ['QUEUED'],
    to: 'RUNNING',
    source: Prisma.sql`SELECT s.*, ${workerId}::uuid AS worker FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, dispatch int)`,
    fence: Prisma.sql`j.dispatch = s.dispatch AND (${whyItMayNotStart(crew)}) IS NULL`,
    lock,
    set: Prisma.sql`attempt = j.attempt + 1, worker_id = s.worker, started_at = clock_timestamp(),
      lease_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second',
      progress = 0, progress_message = NULL, error_message = NULL, error_class = NULL, error_fingerprint = NULL`,
    actor,
    returning: Prisma.sql`j.job_type, j.job_type_version, j.dispatch, j.failures, j.max_retries, j.timeout_seconds, j.created_at,
      j.queued_at, j.started_at, j.worker_id, ${dueAt(Prisma.sql`j.rank_at`, Prisma.sql`j.priority`)} AS ready_at`,
    // Times of jobs are rounded to milliseconds, so one that was handed out at once may have been ready a moment after that.
    also: [
      Prisma.sql`attempts AS (
        INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, worker_id, ready_at, queued_at, started_at)
        SELECT job_id, attempt, organization_id, job_type, worker_id, LEAST(ready_at, queued_at), queued_at, started_at FROM moved)`,
    ],
    // A configuration holds the whole schema of the parameters. Taken apart for each job, it cost a sixteenth of all
    // that PostgreSQL does for a short job.
    select: Prisma.sql`
      SELECT m.job_id, m.from_status, m.organization_id, o.name AS organization_name, m.job_type, m.job_type_version, m.dispatch, m.attempt,
        m.failures, m.max_retries, m.timeout_seconds, m.created_at, i.parameters, i.unmasked, i.request_id, i.trace_parent,
        GREATEST(0, extract(epoch FROM m.started_at - LEAST(m.ready_at, m.queued_at)))::float8 AS ready_seconds,
        GREATEST(0, extract(epoch FROM m.started_at - m.queued_at))::float8 AS queued_seconds,
        CASE WHEN row_number() OVER (PARTITION BY m.job_type, m.job_type_version) = 1 THEN (
          SELECT to_json(c) FROM job_type_versions v, json_to_record(v.config) AS c(
            handler text, "backoffBaseSeconds" int, "backoffCapSeconds" int, "dedupeWindowSeconds" int)
          WHERE v.job_type = m.job_type AND v.version = m.job_type_version) END AS settings
      FROM moved m
      JOIN job_inputs i ON i.job_id = m.job_id
      JOIN organizations o ON o.id = m.organization_id`,
  })
  const version = (row: ClaimRow) => `${row.job_type} ${row.job_type_version}`
  const settings = new Map(claimed.flatMap((row) => (row.settings ? [[version(row), row.settings]] : [])))
  return claimed.map((row) => ({ ...row, settings: settings.get(version(row))! }))
}

/**
 * Null when the job may start, otherwise the reason why not. A key that has merely expired still counts (rule 4.10).
 * The jobs of a revoked key may start while they are being passed on to another submitter.
 */
const whyItMayNotStart = (crew: Crew) => Prisma.sql`
  SELECT CASE
    WHEN o.status = 'DELETED' THEN 'organization'
    ${whatHoldsBack({ organizationId: Prisma.sql`j.organization_id`, jobType: Prisma.sql`j.job_type`, crew })}
    WHEN NOT (${holdsRole({
      type: Prisma.sql`j.submitted_by_type`,
      id: Prisma.sql`j.submitted_by_id`,
      organizationId: Prisma.sql`j.organization_id`,
      role: Prisma.sql`t.required_role`,
      keyCounts: Prisma.sql`(k.revoked_at IS NULL OR k.waiting_jobs = 'TRANSFER')`,
    })}) THEN 'submitter'
  END
  FROM organizations o, job_types t WHERE o.id = j.organization_id AND t.name = j.job_type`

interface Refusal {
  to: 'DEAD_LETTER' | 'PENDING'
  message: string
}

const REFUSED: Record<Obstacle, Refusal> = {
  organization: { to: 'DEAD_LETTER', message: ORGANIZATION_NOT_FOUND },
  submitter: { to: 'DEAD_LETTER', message: 'submitter no longer permitted' },
  ...(Object.fromEntries(
    Object.entries(HOLDS).map(([name, { message }]): [string, Refusal] => [name, { to: 'PENDING', message }]),
  ) as Record<HoldName, Refusal>),
}

/**
 * Deals with messages that were not claimed. A job that is no longer QUEUED with this dispatch needs nothing. A job
 * that may not start moves to where it belongs. Returns the jobs that nothing keeps from starting: somebody else had
 * locked them.
 */
async function turnAway(
  db: Db,
  messages: readonly Ticket[],
  claimed: readonly ClaimedRow[],
  crew: Crew,
): Promise<Ticket[]> {
  const got = new Set(claimed.map((row) => `${row.job_id} ${row.dispatch}`))
  const rest = messages
    .filter(({ jobId, dispatch }) => !got.has(`${jobId} ${dispatch}`))
    .map(({ jobId, dispatch }) => ({ job_id: jobId, dispatch }))
  const waiting = await db.$queryRaw<{ job_id: string; dispatch: number; obstacle: Obstacle | null }[]>`
    SELECT j.id AS job_id, j.dispatch, (${whyItMayNotStart(crew)}) AS obstacle
    FROM jsonb_to_recordset(${JSON.stringify(rest)}::jsonb) AS s(job_id uuid, dispatch int)
    ${joinJobs(Prisma.sql`s.job_id`)} WHERE j.dispatch = s.dispatch AND j.status = 'QUEUED'`
  const dead: string[] = []
  for (const [reason, { to, message }] of Object.entries(REFUSED)) {
    const rows = waiting.filter((row) => row.obstacle === reason)
    if (rows.length === 0) continue
    const died = Prisma.sql`finished_at = clock_timestamp(), error_message = s.message, error_class = 'PERMANENT', error_fingerprint = s.message`
    const moved = await transition(db, {
      name: `refuse_${reason}`,
      from: ['QUEUED'],
      to,
      source: Prisma.sql`SELECT s.*, ${message}::text AS message FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS s(job_id uuid, dispatch int)`,
      fence: Prisma.sql`j.dispatch = s.dispatch`,
      // A job that is locked now stays QUEUED, and the reconciler finds it.
      lock: 'skip',
      set: to === 'DEAD_LETTER' ? died : Prisma.sql`queued_at = NULL, ${COMES_BACK}`,
      actor,
      message: Prisma.sql`s.message`,
      returning: Prisma.sql`j.job_type, j.dedupe_hash`,
      also: to === 'DEAD_LETTER' ? [freeHashes, keepMessageWords] : [],
    })
    if (to === 'DEAD_LETTER') dead.push(...moved.map(({ job_id }) => job_id))
  }
  await updateDependents(db, { dead })
  // Nothing keeps these from starting, and still they were not claimed: somebody else had locked them.
  return waiting.filter((row) => row.obstacle === null).map((row) => ({ jobId: row.job_id, dispatch: row.dispatch }))
}

function toClaimed(row: ClaimedRow): Claimed {
  return {
    jobId: row.job_id,
    dispatch: row.dispatch,
    organizationId: row.organization_id,
    organizationName: row.organization_name,
    jobType: row.job_type,
    handler: row.settings.handler,
    attempt: row.attempt,
    failures: row.failures,
    maxRetries: row.max_retries,
    timeoutSeconds: row.timeout_seconds,
    backoffBaseSeconds: row.settings.backoffBaseSeconds,
    backoffCapSeconds: row.settings.backoffCapSeconds,
    dedupeWindowSeconds: row.settings.dedupeWindowSeconds,
    createdAt: new Date(row.created_at),
    parameters: row.unmasked ?? row.parameters,
    sensitive: row.unmasked === null ? [] : sensitiveTexts(row.parameters, row.unmasked),
    readySeconds: row.ready_seconds,
    queuedSeconds: row.queued_seconds,
    requestId: row.request_id,
    traceParent: row.trace_parent,
  }
}
