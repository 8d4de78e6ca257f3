import type { Db } from '@/server/db'
import { LEASE_SECONDS } from './claim'
import type { QueueName } from '../domain/types'

export interface WorkerRecord {
  id: string
  host: string
  pid: number
  isolatedSlots: number
  inlineSlots: number
}

/** Makes a worker known, so that its slots count and operators see it. */
export async function registerWorker(db: Db, worker: WorkerRecord): Promise<void> {
  await db.$executeRaw`
    INSERT INTO workers (id, host, pid, isolated_slots, inline_slots)
    VALUES (${worker.id}::uuid, ${worker.host}, ${worker.pid}, ${worker.isolatedSlots}, ${worker.inlineSlots})`
}

/** Says that the worker is alive (and whether it takes new work). */
export async function beat(db: Db, workerId: string, draining: boolean): Promise<void> {
  await db.$executeRaw`
    UPDATE workers SET last_seen_at = clock_timestamp(),
      draining_at = CASE WHEN ${draining} THEN COALESCE(draining_at, clock_timestamp()) END WHERE id = ${workerId}::uuid`
}

/** Says that the worker has stopped in good order; old records go. */
export async function retireWorker(db: Db, workerId: string): Promise<void> {
  await db.$executeRaw`UPDATE workers SET stopped_at = clock_timestamp() WHERE id = ${workerId}::uuid`
  await db.$executeRaw`DELETE FROM workers WHERE last_seen_at < clock_timestamp() - interval '7 days'`
}

/** Slots of all workers that live and take work. */
export async function liveSlots(db: Db): Promise<Record<QueueName, number>> {
  const [row] = await db.$queryRaw<{ isolated: number; inline: number }[]>`
    SELECT COALESCE(sum(isolated_slots), 0)::int AS isolated, COALESCE(sum(inline_slots), 0)::int AS inline FROM workers
    WHERE stopped_at IS NULL AND draining_at IS NULL AND last_seen_at > clock_timestamp() - ${LEASE_SECONDS} * interval '1 second'`
  return { ISOLATED: row?.isolated ?? 0, INLINE: row?.inline ?? 0 }
}

/** Makes the handlers of this build known, and writes which queue each needs into the job types that use it. */
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
