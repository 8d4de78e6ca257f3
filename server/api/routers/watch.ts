import { tracked, type TrackedEnvelope } from '@trpc/server'
import { refresh } from '@/server/auth/authenticate'
import { roleIn } from '@/server/auth/principal'
import { EngineError, type JobEvent } from '@/server/engine'
import { requireJob, requireOrganization } from '../authorize'
import type { WireJobEvent } from '../schemas/job'
import type { AuthenticatedContext } from '../trpc'
import { iso } from '../wire'

/** A member who is removed sees nothing more after at most this. */
const RECHECK_MS = 4_000

/**
 * Events of an organization, or of one of its jobs, from `lastEventId` on, or from now. It ends with
 * NOT_FOUND as soon as the caller may no longer see them.
 */
export async function* watchJobs(
  ctx: AuthenticatedContext,
  { organizationId, jobId, lastEventId }: { organizationId: string; jobId?: string; lastEventId?: string | null },
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<TrackedEnvelope<WireJobEvent>, void, unknown> {
  await requireOrganization(ctx, organizationId, 'jobs.read')
  if (jobId) await requireJob({ ...ctx, scope: { organizationIds: [organizationId] } }, jobId, 'jobs.read')
  const events = ctx.services.hub().subscribe({ organizationId, jobId, lastEventId: lastEventId ?? undefined, signal })
  try {
    for (let checked = Date.now(); ; ) {
      const batch = await events.next(Math.max(0, checked + RECHECK_MS - Date.now()))
      if (batch === null) {
        if (signal.aborted) return
        // A stream that merely ends counts as complete; after this the client comes back by itself.
        throw new EngineError('UNAVAILABLE', 'The server is restarting.')
      }
      if (Date.now() - checked >= RECHECK_MS) {
        await requireStill(ctx, organizationId)
        checked = Date.now()
      }
      for (const event of batch) yield tracked(event.id, toWireEvent(event))
    }
  } finally {
    events.close()
  }
}

async function requireStill(ctx: AuthenticatedContext, organizationId: string): Promise<void> {
  const now = await refresh(ctx.headers, ctx.services.db)
  if (!now) throw new EngineError('UNAUTHENTICATED', 'You are signed out, or the API key was revoked.')
  if (!roleIn(now, organizationId)) {
    throw new EngineError('NOT_FOUND', `There is no organization ${organizationId} that you may see.`)
  }
}

const toWireEvent = (event: JobEvent): WireJobEvent => ({ ...event, at: iso(event.at) })
