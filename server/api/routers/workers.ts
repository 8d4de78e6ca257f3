import { requireSystemAdmin } from '@/server/auth/access'
import { drainWorker, type RunningJob, type WorkerView } from '@/server/engine'
import { drainInput, worker, type WireWorker } from '../schemas/worker'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `workers.*` of the API, and workers in the form of the API.

export const workersRouter = router({
  /** Takes one worker out of service, as SIGTERM does. Its supervisor starts another worker. */
  drain: authenticated
    .meta({
      summary: 'Takes one worker out of service',
      description:
        'The worker does the same as at SIGTERM. It takes no new jobs. Running jobs go on for its `DRAIN_SECONDS`, and are then signaled and handed back (PENDING, no failure counted). Its process ends, and its supervisor starts another. The reason stands beside the worker until it has gone. Asking again changes nothing. NOT_FOUND means that no such worker is alive. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_PERMITTED', 'NOT_FOUND'],
      example: { workerId: '01977a2f-52b8-7c44-8e0d-7a1f3c9b6e25', reason: 'New kernel' },
    })
    .input(drainInput)
    .output(worker)
    .mutation(async ({ ctx, input: { workerId, reason } }) => {
      requireSystemAdmin(ctx.principal, 'workers.drain')
      return toWireWorker(
        await drainWorker(ctx.services.db, { workerId, reason, actor: ctx.actor, address: ctx.address }),
      )
    }),
})

export const toWireWorker = (view: WorkerView): WireWorker => ({
  ...view,
  startedAt: iso(view.startedAt),
  lastSeenAt: iso(view.lastSeenAt),
  drainingAt: isoOrNull(view.drainingAt),
  drainsUntil: isoOrNull(view.drainsUntil),
  stoppedAt: isoOrNull(view.stoppedAt),
  running: view.running.map(toWireRunning),
})

export const toWireRunning = (job: RunningJob) => ({
  ...job,
  startedAt: iso(job.startedAt),
  cancelRequestedAt: isoOrNull(job.cancelRequestedAt),
  lastProgressAt: isoOrNull(job.lastProgressAt),
  lastLog: job.lastLog && { ...job.lastLog, at: iso(job.lastLog.at) },
})
