import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { PermanentError, TransientError, type HandlerContext } from '@jobyard/handler'
import { Witness } from './witness'

// The work of the jobs in a campaign of faults. The witness notes each start and end in a database of its own.

/** What a job does. `ms` is how long it works. Other fields only tell jobs apart. */
export const schema = z.looseObject({
  ms: z.int().min(0).default(0),
  /** How many attempts fail before one completes. */
  failAttempts: z.int().min(0).default(0),
  /** `hang` and `spin` do not listen to any signal. */
  end: z.enum(['complete', 'transient', 'permanent', 'hang', 'spin']).default('complete'),
  artifacts: z.int().min(0).default(0),
  children: z.int().min(0).default(0),
})

/** Does what its parameters say, and tells the witness of it while it happens. */
export async function run(
  params: z.output<typeof schema>,
  ctx: HandlerContext,
): Promise<{ run: string; children: string[] }> {
  const witness = await Witness.begin(ctx.job.id, ctx.attempt)
  try {
    const children = await work(params, ctx)
    await witness.end('completed')
    return { run: witness.run, children }
  } catch (error) {
    await witness.end(ctx.signal.aborted ? 'stopped' : 'failed')
    throw error
  }
}

async function work(params: z.output<typeof schema>, ctx: HandlerContext): Promise<string[]> {
  const children: string[] = []
  for (let n = 1; n <= params.children; n++) {
    const { id } = await ctx.submit({ jobType: 'chaos.quick', parameters: { ms: 5, childOf: ctx.job.id, n } })
    children.push(id)
  }
  for (let n = 1; n <= params.artifacts; n++)
    await ctx.artifact(`file-${n}.txt`, Buffer.alloc(2_000, `${n}`), 'text/plain')
  const end = ctx.attempt <= params.failAttempts ? 'transient' : params.end
  if (end === 'hang') await new Promise<never>(() => setInterval(() => undefined, 60_000))
  if (end === 'spin') for (;;);
  ctx.progress(50)
  await sleep(params.ms, undefined, { signal: ctx.signal })
  ctx.signal.throwIfAborted()
  if (end === 'transient') throw new TransientError(`Attempt ${ctx.attempt} fails, as asked`)
  if (end === 'permanent') throw new PermanentError('Fails for good, as asked')
  return children
}
