import { getJob } from '@/server/engine'
import { unmaskedFor } from '../../authorize'
import type { WireJob } from '../../schemas/job'
import type { AuthenticatedContext } from '../../trpc'
import { toWireJob } from '../../wire'

/**
 * One job. Its sensitive parameters are included if the caller's role may read them.
 * @param masked they are masked in any case
 */
export const readJob = async (
  ctx: AuthenticatedContext,
  jobId: string,
  { masked = false }: { masked?: boolean | undefined } = {},
): Promise<WireJob> => toWireJob(await getJob(ctx.services.db, jobId, ctx.scope, masked ? undefined : unmaskedFor(ctx)))
