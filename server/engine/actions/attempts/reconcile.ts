import type { Db } from '@/server/db'
import type { QueueName } from '../../domain/types'
import type { Ticket } from '../../queue/messages'

/**
 * Which of these tickets still stand for a QUEUED job with that dispatch. The others never will again:
 * `dispatch` only rises, and a message is published only after its QUEUED was committed. So taking
 * their messages out is right at any moment, whatever dispatchers and workers do meanwhile.
 */
export async function currentTickets(db: Db, tickets: readonly Ticket[]): Promise<Ticket[]> {
  const rows = await db.$queryRaw<{ id: string; dispatch: number }[]>`
    SELECT j.id, j.dispatch FROM jsonb_to_recordset(${JSON.stringify(tickets.map(({ jobId, dispatch }) => ({ jobId, dispatch })))}::jsonb) AS s("jobId" uuid, dispatch int)
    JOIN jobs j ON j.id = s."jobId" AND j.dispatch = s.dispatch WHERE j.status = 'QUEUED'`
  return rows.map(({ id, dispatch }) => ({ jobId: id, dispatch }))
}

/** The last tickets of those of these jobs that are CANCELED: their messages may leave BullMQ, for the claim refuses them. */
export async function canceledTickets(db: Db, jobIds: readonly string[]): Promise<(Ticket & { queue: QueueName })[]> {
  const jobs = await db.job.findMany({
    where: { id: { in: [...jobIds] }, status: 'CANCELED' },
    select: { id: true, dispatch: true, queue: true },
  })
  return jobs.map(({ id, dispatch, queue }) => ({ jobId: id, dispatch, queue }))
}
