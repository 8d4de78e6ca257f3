import type { Db, DbOrTx, Tx } from '@/server/db'
import { ANY_CREW, type Crew } from '../../domain/crew'
import { EngineError } from '../../domain/errors'
import { systemActor, type Actor, type QueueName } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { signalDrain } from '../../store/signals'
import { inTransaction } from '../../store/transaction'
import { lives } from '../../store/live-workers'
import { getWorker, type HandlerProblem, type WorkerView } from '../../store/reads/workers'

// Workers tell the database that they are there, what they can run, and when they go.

/** How many files that do not build a worker names, where a folder is full of them. */
const MOST_PROBLEMS = 50

export interface WorkerRecord {
  id: string
  host: string
  pid: number
  isolatedSlots: number
  inlineSlots: number
  /** The version of the package that it runs, and the commit where it is known. */
  version?: string | null
  commit?: string | null
  /** How long its running jobs may go on in a drain. */
  drainSeconds?: number
  /** What it takes and can run. Everything where it is absent. */
  crew?: Crew
  /** Files of one's own handlers that it could not take, each with the way out. */
  handlerProblems?: readonly HandlerProblem[]
  /** Digests of the defaults that its handlers have, by key. */
  handlerDefaults?: Readonly<Record<string, string>>
}

/** What a heartbeat says about the process. */
export interface Vitals {
  rssBytes: number
  heapBytes: number
  /** Whether it reaches BullMQ's store. Null where it does not know yet. */
  storeOk?: boolean | null
}

/**
 * Registers a worker, so that its slots count and operators see it. Calling it again, for example after an answer was
 * lost, changes nothing. Where it runs another version than the worker that was registered before it, the audit says
 * so.
 */
export async function registerWorker(db: Db, worker: WorkerRecord): Promise<void> {
  const { version = null, commit = null, drainSeconds = null, crew = ANY_CREW, handlerProblems = [] } = worker
  const { handlerDefaults = null } = worker
  await inTransaction(db, async (tx) => {
    const made = await tx.$executeRaw`
      INSERT INTO workers (id, host, pid, isolated_slots, inline_slots, version, commit, drain_seconds, pools, handlers, crew,
        handler_problems, handler_defaults)
      VALUES (${worker.id}::uuid, ${worker.host}, ${worker.pid}, ${worker.isolatedSlots}, ${worker.inlineSlots},
        ${version}, ${commit}, ${drainSeconds}::int, ${crew.pools && [...crew.pools]}::text[], ${crew.handlers && [...crew.handlers]}::text[], ${crew.name},
        ${JSON.stringify(handlerProblems.slice(0, MOST_PROBLEMS))}::jsonb, ${handlerDefaults && JSON.stringify(handlerDefaults)}::jsonb)
      ON CONFLICT (id) DO NOTHING`
    if (made > 0 && version !== null) await noteVersion(tx, { workerId: worker.id, version, commit })
  })
}

/** Writes down which files of one's own handlers a worker could not take, in place of those of before. */
export async function noteHandlerProblems(
  db: Db,
  workerId: string,
  problems: readonly HandlerProblem[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE workers SET handler_problems = ${JSON.stringify(problems.slice(0, MOST_PROBLEMS))}::jsonb WHERE id = ${workerId}::uuid`
}

/** Workers of one version that start at the same moment write it down once, so they wait for each other. */
async function noteVersion(
  tx: Tx,
  { workerId, version, commit }: { workerId: string; version: string; commit: string | null },
): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('jobyard worker version', 0))::text AS locked`
  const [last] = await tx.$queryRaw<{ after: { version: string; commit: string | null } }[]>`
    SELECT after FROM audit_events WHERE action = 'worker.version' ORDER BY id DESC LIMIT 1`
  if (last && last.after.version === version && last.after.commit === commit) return
  await writeAudit(tx, {
    organizationId: null,
    actor: systemActor('worker'),
    address: null,
    action: 'worker.version',
    targetType: 'worker',
    targetId: workerId,
    before: last ? { version: last.after.version, commit: last.after.commit } : undefined,
    after: { version, commit },
  })
}

/**
 * Records that the worker is alive. A worker that drains, or that somebody asked to drain, gets no new work from now
 * on. `drain` in the answer tells it to a worker that missed the signal.
 */
export async function beat(db: Db, workerId: string, draining: boolean, vitals?: Vitals): Promise<{ drain: boolean }> {
  const [row] = await db.$queryRaw<{ drain: boolean }[]>`
    UPDATE workers SET last_seen_at = clock_timestamp(),
      draining_at = CASE WHEN ${draining} THEN COALESCE(draining_at, clock_timestamp()) ELSE draining_at END,
      rss_bytes = COALESCE(${vitals?.rssBytes ?? null}::bigint, rss_bytes),
      heap_bytes = COALESCE(${vitals?.heapBytes ?? null}::bigint, heap_bytes),
      store_ok = COALESCE(${vitals?.storeOk ?? null}::boolean, store_ok)
    WHERE id = ${workerId}::uuid RETURNING draining_at IS NOT NULL AS drain`
  return { drain: row?.drain ?? false }
}

/**
 * Asks one worker to drain, as SIGTERM does. It takes nothing new. Running jobs go on for its DRAIN_SECONDS and are
 * then handed back. Its process ends, and its supervisor starts another. Asking again changes nothing.
 *
 * @throws EngineError NOT_FOUND where no such worker is alive
 */
export async function drainWorker(
  db: DbOrTx,
  { workerId, reason, actor, address }: { workerId: string; reason?: string; actor: Actor; address: string | null },
): Promise<WorkerView> {
  return inTransaction(db, async (tx) => {
    const [worker] = await tx.$queryRaw<{ host: string; pid: number; draining: boolean }[]>`
      SELECT host, pid, draining_at IS NOT NULL AS draining FROM workers
      WHERE id = ${workerId}::uuid AND ${lives}
      FOR UPDATE`
    if (!worker)
      throw new EngineError('NOT_FOUND', `No worker ${workerId} is alive. metrics.workers lists those that are.`)
    if (!worker.draining) {
      await tx.$executeRaw`
        UPDATE workers SET draining_at = clock_timestamp(), drain_reason = ${reason ?? null}, drained_by = ${JSON.stringify(actor)}::jsonb
        WHERE id = ${workerId}::uuid`
      await writeAudit(tx, {
        organizationId: null,
        actor,
        address,
        action: 'worker.drain',
        targetType: 'worker',
        targetId: workerId,
        reason,
        before: { draining: false },
        after: { draining: true, host: worker.host, pid: worker.pid },
      })
      await signalDrain(tx, workerId)
    }
    const view = await getWorker(tx, workerId)
    if (!view) throw new Error(`worker ${workerId} is missing although its row is locked`)
    return view
  })
}

/** Records that the worker has stopped in good order, and removes old records. */
export async function retireWorker(db: Db, workerId: string): Promise<void> {
  await db.$executeRaw`UPDATE workers SET stopped_at = clock_timestamp() WHERE id = ${workerId}::uuid`
  await db.$executeRaw`DELETE FROM workers WHERE last_seen_at < statement_timestamp() - interval '7 days'`
}

/** Registers the handlers of this build, and writes into each job type the queue that its handler needs. */
export async function syncHandlers(db: Db, handlers: readonly { key: string; queue: QueueName }[]): Promise<void> {
  const rows = JSON.stringify(handlers)
  await db.$executeRaw`
    INSERT INTO handlers (key, queue, seen_at)
    SELECT key, queue, clock_timestamp() FROM jsonb_to_recordset(${rows}::jsonb) AS h(key text, queue "JobQueue") ORDER BY key
    ON CONFLICT (key) DO UPDATE SET queue = EXCLUDED.queue, seen_at = EXCLUDED.seen_at`
  await db.$executeRaw`
    UPDATE job_types t SET queue = h.queue
    FROM jsonb_to_recordset(${rows}::jsonb) AS h(key text, queue "JobQueue")
    WHERE t.handler = h.key AND t.queue <> h.queue`
}
