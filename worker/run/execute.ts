import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import { CanonicalJsonError, toStoredJson } from '@/server/engine/domain/canonical-json'
import type { Claimed } from '@/server/engine'
import { classifyFailure } from '@/server/engine/domain/failure'
import { redactor } from '@/server/engine/domain/redact'
import type { Json } from '@/server/engine/domain/types'
import type { HandlerEnd } from './attempt'
import { PermanentError, type Handler, type HandlerContext } from '../handler'
import { JobStopped } from './stop'

/**
 * Runs a handler to its end. It never throws: a handler that fails is an end, too. Threads and the worker itself use this
 * same code.
 */
export async function execute(
  handler: Handler,
  { parameters, sensitive }: Pick<Claimed, 'parameters' | 'sensitive'>,
  ctx: HandlerContext,
  throwIfStopped: () => void,
  projectRoot: string,
): Promise<HandlerEnd> {
  let afterTimeout: Promise<void> | undefined
  try {
    const params = handler.schema.parse(parameters)
    throwIfStopped()
    if (handler.onTimeout) {
      ctx.signal.addEventListener('abort', () => {
        if (ctx.signal.reason instanceof JobStopped && ctx.signal.reason.kind === 'timeout') {
          // A listener that throws ends the process, and `onTimeout` may throw before it has made a promise.
          afterTimeout = (async () => handler.onTimeout!(params, ctx))()
          afterTimeout.catch(() => undefined)
        }
      })
    }
    const value = await handler.run(params, ctx)
    await afterTimeout
    return value === undefined
      ? { ok: true, result: null, hasResult: false }
      : { ok: true, result: storable(value), hasResult: true }
  } catch (error) {
    await afterTimeout?.catch((why: unknown) =>
      ctx.log.error(`onTimeout failed: ${why instanceof Error ? why.message : String(why)}`),
    )
    return { ok: false, failure: classifyFailure(error, { projectRoot, now: new Date(), redact: redactor(sensitive) }) }
  }
}

function storable(value: unknown): Json {
  let result: Json
  try {
    result = toStoredJson(value, 'result')
  } catch (error) {
    throw error instanceof CanonicalJsonError
      ? new PermanentError(`The handler's result cannot be kept: ${error.message}`)
      : error
  }
  const bytes = Buffer.byteLength(JSON.stringify(result))
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new PermanentError(
      `The handler's result takes ${bytes} bytes; at most ${MAX_PAYLOAD_BYTES} fit. Keep it as an artifact.`,
    )
  }
  return result
}
