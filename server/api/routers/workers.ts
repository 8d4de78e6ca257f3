import { requireSystemAdmin } from '@/server/auth/access'
import { drainWorker, type WorkerView } from '@/server/engine'
import { drainInput, worker, type WireWorker } from '../schemas/worker'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const workersRouter = router({
  /** Takes one worker out of service, as SIGTERM does; its supervisor starts another in its place. */
  drain: authenticated
    .input(drainInput)
    .output(worker)
    .mutation(async ({ ctx, input: { workerId, reason } }) => {
      requireSystemAdmin(ctx.principal, 'workers.drain')
      return toWireWorker(await drainWorker(ctx.services.db, { workerId, reason, actor: ctx.actor, address: ctx.address }))
    }),
})

export const toWireWorker = (view: WorkerView): WireWorker => ({
  ...view,
  startedAt: iso(view.startedAt),
  lastSeenAt: iso(view.lastSeenAt),
  drainingAt: isoOrNull(view.drainingAt),
  stoppedAt: isoOrNull(view.stoppedAt),
  running: view.running.map((job) => ({ ...job, startedAt: iso(job.startedAt) })),
})
