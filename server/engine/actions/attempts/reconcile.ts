import { Prisma, type Db } from '@/server/db'
import type { QueueName } from '../../domain/types'
import type { Ticket } from '../../queue/messages'
import { joinJobs } from '../../store/by-id'

/**
 * Returns the tickets that are still current: the job is QUEUED under the same dispatch number. A ticket that is not
 * current never becomes current again, because `dispatch` only rises, and a message is published only after its QUEUED
 * was committed. So a message that carries only such tickets can be removed at any moment, whatever dispatchers and
 * workers do.
 */
export async function currentTickets(db: Db, tickets: readonly Ticket[]): Promise<Ticket[]> {
  const rows = await db.$queryRaw<{ id: string; dispatch: number }[]>`
    SELECT j.id, j.dispatch FROM jsonb_to_recordset(${JSON.stringify(tickets.map(({ jobId, dispatch }) => ({ jobId, dispatch })))}::jsonb) AS s("jobId" uuid, dispatch int)
    ${joinJobs(Prisma.sql`s."jobId"`)} WHERE j.dispatch = s.dispatch AND j.status = 'QUEUED'`
  return rows.map(({ id, dispatch }) => ({ jobId: id, dispatch }))
}

/**
 * Returns the latest ticket of each of these jobs that is CANCELED. A claim would refuse these tickets, so they can be
 * removed from BullMQ.
 */
export async function canceledTickets(
  db: Db,
  jobIds: readonly string[],
): Promise<(Ticket & { queue: QueueName; crew: string })[]> {
  const jobs = await db.job.findMany({
    where: { id: { in: [...jobIds] }, status: 'CANCELED' },
    select: { id: true, dispatch: true, queue: true, crew: true },
  })
  return jobs.map(({ id, dispatch, queue, crew }) => ({ jobId: id, dispatch, queue, crew }))
}
