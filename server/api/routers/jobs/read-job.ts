import { getJob } from '@/server/engine'
import { unmaskedFor } from '../../authorize'
import type { WireJob } from '../../schemas/job'
import type { AuthenticatedContext } from '../../trpc'
import { toWireJob } from '../../wire'

/** One job. Its sensitive parameters are included if the caller's role may read them. */
export const readJob = async (ctx: AuthenticatedContext, jobId: string): Promise<WireJob> =>
  toWireJob(await getJob(ctx.services.db, jobId, ctx.scope, unmaskedFor(ctx)))
