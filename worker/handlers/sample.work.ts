import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { defineHandler, PermanentError, TransientError, type HandlerContext, z } from '@jobyard/handler'

/**
 * Other fields are allowed, because job types with parameters of their own (an invoice, an order) may be simulated with
 * this handler.
 */
const schema = z.looseObject({
  durationMs: z.int().min(0).max(86_400_000).default(0),
  progressSteps: z.int().min(0).max(10_000).default(0),
  mode: z.enum(['complete', 'transient', 'permanent', 'hang', 'spin']).default('complete'),
  failAttempts: z.int().min(0).max(1_000).default(0),
  data: z.json().optional(),
})
type Params = z.output<typeof schema>

/** Works, fails or misbehaves as its parameters say. It is for demonstration and tests. */
export default defineHandler({
  key: 'sample.work',
  isolated: true,
  schema,
  jobType: {
    displayName: 'Sample work',
    description: 'Works, fails or misbehaves as told: for trying Jobyard out and for tests.',
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        durationMs: {
          type: 'integer',
          minimum: 0,
          maximum: 86_400_000,
          default: 0,
          title: 'Duration (ms)',
          description: 'How long it works.',
          examples: [5000],
        },
        progressSteps: {
          type: 'integer',
          minimum: 0,
          maximum: 10_000,
          default: 0,
          title: 'Progress steps',
          description: 'How many times it reports progress over the duration.',
          examples: [10],
        },
        mode: {
          type: 'string',
          enum: ['complete', 'transient', 'permanent', 'hang', 'spin'],
          default: 'complete',
          title: 'Mode',
          description:
            'How it ends: complete; an error that is retried or one that is not; hang or spin, ignoring every signal.',
        },
        failAttempts: {
          type: 'integer',
          minimum: 0,
          maximum: 1_000,
          default: 0,
          title: 'Failing attempts',
          description: 'So many first attempts fail with a transient error; then as the mode says.',
        },
        data: { title: 'Data', description: 'Any JSON; returned as the result.' },
      },
    },
  },
  async run(params, ctx) {
    const mode = ctx.attempt <= params.failAttempts ? 'transient' : params.mode
    // In these two modes, cancel and timeout must be able to end the run without the handler's help.
    const signal = mode === 'hang' || mode === 'spin' ? undefined : ctx.signal
    ctx.log.info(`Attempt ${ctx.attempt}: ${describe(params)}`)
    await spendTheDuration(params, ctx, signal)
    return await end(mode, params, ctx)
  },
})

/** Spends the duration and reports after each step. Rejects with the signal's reason as soon as it fires. */
async function spendTheDuration(params: Params, ctx: HandlerContext, signal: AbortSignal | undefined) {
  const steps = Math.max(1, params.progressSteps)
  const start = performance.now()
  for (let step = 1; step <= steps; step++) {
    signal?.throwIfAborted()
    // The time is measured from the start, so that the delays of the timers do not add up.
    const left = start + (params.durationMs * step) / steps - performance.now()
    if (left > 0) await sleepOrStop(left, signal)
    if (params.progressSteps > 0) ctx.progress((100 * step) / steps, `Step ${step} of ${steps}`)
    // About three lines, however many steps there are.
    if (step % Math.ceil(steps / 4) === 0 && step < steps) ctx.log.info(`Step ${step} of ${steps} done`)
  }
  signal?.throwIfAborted()
}

async function end(mode: Params['mode'], params: Params, ctx: HandlerContext): Promise<unknown> {
  switch (mode) {
    case 'complete':
      ctx.log.info('Done')
      return params.data ?? null
    case 'transient':
      ctx.log.warn('Ending with a transient error, as asked')
      throw new TransientError(`Simulated transient failure in attempt ${ctx.attempt}`)
    case 'permanent':
      ctx.log.error('Ending with a permanent error, as asked')
      throw new PermanentError('Simulated permanent failure')
    case 'hang':
      ctx.log.warn('Hanging, ignoring every signal')
      // The timer keeps the thread's event loop alive. With a promise alone it would end.
      return new Promise<never>(() => setInterval(() => undefined, 60_000))
    case 'spin':
      ctx.log.warn('Spinning')
      await nextTurn() // This lets log lines and progress leave the thread first.
      for (;;);
  }
}

async function sleepOrStop(ms: number, signal: AbortSignal | undefined) {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted() // This throws the signal's reason, and not the timer's AbortError.
    throw error
  }
}

function describe({ durationMs, progressSteps, mode, failAttempts }: Params) {
  const parts = [`mode ${mode}`, `${durationMs} ms`]
  if (progressSteps > 0) parts.push(`${progressSteps} steps`)
  if (failAttempts > 0) parts.push(`failing the first ${failAttempts} attempts`)
  return parts.join(', ')
}
