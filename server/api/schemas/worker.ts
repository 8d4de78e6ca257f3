import { JobQueue } from '@/server/generated/prisma/enums'
import { cursor, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

export const workersInput = z.strictObject({
  organizationId: id
    .optional()
    .describe('Only jobs of this organization. Absent means everything that the caller may see.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})

const perQueue = z.object({ isolated: integer, inline: integer })

export const worker = z.object({
  id: wireId,
  host: z.string().nullable().describe('Only for SYSTEM_ADMIN, like the pid. Null for everybody else.'),
  pid: integer.nullable(),
  state: z
    .enum(['ALIVE', 'DRAINING', 'STOPPED', 'LOST'])
    .describe('LOST means that the worker was not seen for 15 s and has not stopped in good order.'),
  startedAt: isoDate,
  lastSeenAt: isoDate,
  drainingAt: isoDate.nullable(),
  stoppedAt: isoDate.nullable(),
  slots: perQueue.describe('How many jobs it can run at once: in threads of their own, and in its own thread.'),
  counts: perQueue.describe('How many jobs it runs now. Only jobs that the caller may see are counted.'),
  /** The jobs that have run longest, at most 50. */
  running: z.array(
    z.object({
      jobId: wireId,
      organizationId: wireId,
      jobType: z.string(),
      attempt: integer,
      queue: z.enum(JobQueue),
      progress: integer,
      startedAt: isoDate,
    }),
  ),
})
export type WireWorker = z.output<typeof worker>
export const workerPage = pageOf(worker)

export const drainInput = z.strictObject({ workerId: id, reason: reason.optional() })
