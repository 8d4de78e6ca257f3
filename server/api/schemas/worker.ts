import { JobQueue } from '@/server/generated/prisma/enums'
import { cursor, id, integer, isoDate, limit, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

export const workersInput = z.strictObject({
  organizationId: id
    .optional()
    .describe('Only what this organization runs; absent: everything that the caller may see.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})

const perQueue = z.object({ isolated: integer, inline: integer })

export const worker = z.object({
  id: wireId,
  host: z.string().nullable().describe('Only for SYSTEM_ADMIN; null for everybody else, as the pid.'),
  pid: integer.nullable(),
  state: z
    .enum(['ALIVE', 'DRAINING', 'STOPPED', 'LOST'])
    .describe('LOST: not seen for 15 s without having stopped in good order.'),
  startedAt: isoDate,
  lastSeenAt: isoDate,
  drainingAt: isoDate.nullable(),
  stoppedAt: isoDate.nullable(),
  slots: perQueue.describe('How many jobs it can run at once: in threads of their own, and in its own thread.'),
  counts: perQueue.describe('How many it runs now, of those that the caller may see.'),
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
