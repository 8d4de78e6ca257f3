import { tracked, type TrackedEnvelope } from '@trpc/server'
import { requirePermission } from '@/server/auth/access'
import { roleIn, type Principal } from '@/server/auth/principal'
import { EngineError, type JobEvent, notVisible } from '@/server/engine'
import { requireJob, requireOrganization } from '../../authorize'
import { EXAMPLE } from '../../procedure-meta'
import { jobEvent, watchInput, type WireJobEvent } from '../../schemas/job-details'
import { authenticated, type AuthenticatedContext } from '../../trpc'
import { iso } from '../../wire'

/** In milliseconds. The stream sleeps at most this long at a time. Its signals can end it at any moment. */
const WAIT_MS = 60_000

/**
 * Yields events of an organization, or of one of its jobs. They begin after `lastEventId`, or now if there is none.
 * When the caller may no longer see them, the stream ends within 5 s with NOT_FOUND, NOT_PERMITTED or UNAUTHENTICATED.
 * When the caller may see less than before, it ends with ORGANIZATION_SUSPENDED.
 * A stream beyond the number that a caller or an organization may have open ends at once with RATE_LIMITED.
 */
async function* watchJobs(
  ctx: AuthenticatedContext,
  { organizationId, jobId, lastEventId }: { organizationId: string; jobId?: string; lastEventId?: string | null },
  // Without a signal of the caller, one that never fires.
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<TrackedEnvelope<WireJobEvent>, void, unknown> {
  await requireOrganization(ctx, organizationId, 'jobs.read')
  if (jobId) await requireJob({ ...ctx, scope: { organizationIds: [organizationId] } }, jobId, 'jobs.read')
  const endStream = ctx.services.openStreams.take(ctx.principal.id, organizationId)
  const caller = ctx.services.standing.follow(ctx.headers, (now) => requireStill(ctx.principal, now, organizationId))
  const ended = AbortSignal.any([signal, caller.lost])
  const events = ctx.services
    .hub()
    .subscribe({ organizationId, jobId, lastEventId: lastEventId ?? undefined, signal: ended })
  try {
    for (;;) {
      const batch = await events.next(WAIT_MS)
      if (signal.aborted) return
      caller.lost.throwIfAborted()
      // A client takes a stream that simply ends for a complete one. After this error, it connects again by itself.
      if (batch === null) throw new EngineError('UNAVAILABLE', 'The server is restarting.')
      for (const event of batch) {
        yield tracked(event.id, toWireEvent(event))
        // A slow reader may take long over one batch, so the caller's rights are checked again.
        caller.lost.throwIfAborted()
      }
    }
  } finally {
    events.close()
    caller.release()
    endStream()
  }
}

function requireStill(before: Principal, now: Principal, organizationId: string): void {
  const role = roleIn(now, organizationId)
  if (!role) throw notVisible('organization', organizationId)
  requirePermission(role, 'jobs.read')
  const [was, is] = [before, now].map(({ memberships }) => memberships.find(({ id }) => id === organizationId)?.status)
  // What the stream has shown so far may be withheld from now on. The caller may open a new stream.
  if (was === 'ACTIVE' && is === 'SUSPENDED')
    throw new EngineError('ORGANIZATION_SUSPENDED', 'The organization was suspended. Read again what you show.')
}

const toWireEvent = (event: JobEvent): WireJobEvent => ({ ...event, at: iso(event.at) })

/** The stream of what happens to jobs. */
export const watchProcedures = {
  watch: authenticated
    .meta({
      summary: 'Streams what happens to jobs',
      description:
        'Server-sent events of an organization, or of one of its jobs. They begin after `lastEventId`, or now without one. `status` events are complete and in order for each job. Of `progress` events the latest counts. A `reset` says that the cursor is older than what is kept, so read again what you show. Each event has an id. A reader that was cut off sends the last id as `lastEventId` and misses nothing. The stream ends with NOT_FOUND when you may no longer see the organization. It ends with ORGANIZATION_SUSPENDED when the organization is suspended, because you then see less of it. Read again what you show, and watch again. A caller may have 100 streams open in a web process, and an organization 1,000. Beyond that a stream ends with RATE_LIMITED.',
      refuses: ['NOT_FOUND', 'ORGANIZATION_SUSPENDED'],
      example: { organizationId: EXAMPLE.organizationId },
      event: jobEvent,
    })
    .input(watchInput)
    .subscription(({ ctx, input, signal }) => watchJobs(ctx, input, signal)),
}
