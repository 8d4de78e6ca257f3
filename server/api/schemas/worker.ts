import { JobQueue } from '@/server/generated/prisma/enums'
import { cursor, id, isoDate, limit, pageOf, reason } from './scalars'
import { z } from './zod'

export const workersInput = z.strictObject({
  /** Only what this organization runs; absent: everything that the caller may see. */
  organizationId: id.optional(),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})

const perQueue = z.object({ isolated: z.number(), inline: z.number() })

export const worker = z.object({
  id: z.string(),
  /** Only for SYSTEM_ADMIN; null for everybody else, as the pid. */
  host: z.string().nullable(),
  pid: z.number().nullable(),
  /** LOST: not seen for 15 s without having stopped in good order. */
  state: z.enum(['ALIVE', 'DRAINING', 'STOPPED', 'LOST']),
  startedAt: isoDate,
  lastSeenAt: isoDate,
  drainingAt: isoDate.nullable(),
  stoppedAt: isoDate.nullable(),
  /** How many jobs it can run at once: in threads of their own, and in its own thread. */
  slots: perQueue,
  /** How many it runs now, of those that the caller may see. */
  counts: perQueue,
  /** The longest running of these, at most 50. */
  running: z.array(
    z.object({
      jobId: z.string(),
      organizationId: z.string(),
      jobType: z.string(),
      attempt: z.number(),
      queue: z.enum(JobQueue),
      progress: z.number(),
      startedAt: isoDate,
    }),
  ),
})
export type WireWorker = z.output<typeof worker>
export const workerPage = pageOf(worker)

export const drainInput = z.strictObject({ workerId: id, reason: reason.optional() })
