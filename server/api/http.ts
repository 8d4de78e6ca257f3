import { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { z } from 'zod'
import type { Principal } from '@/server/auth/principal'
import { renewedCookie } from '@/server/auth/session-cookie'
import { counter } from '@/server/telemetry/metrics/registry'
import { errorResponse, retryAfter, shapeError } from './errors'
import { logFailedAnswer, noteFailure, type Failure } from './failed-answers'
import { beginRequestTrace } from './request-origin'
import { RequestInput } from './input/request-input'
import { appRouter } from './root'
import type { Services } from './services'
import { createContext, type Context } from './trpc'

// Takes a request to a procedure over HTTP to tRPC.

const refusals = counter('jobyard_refusals_total')
const ENDPOINT = '/api/trpc'
/** How many calls one request may make. */
const MAX_BATCH = 50
const PROCEDURES = appRouter._def.procedures as Record<string, unknown>

/** Whether there is a procedure of this name. */
export const isProcedure = (name: string): boolean => Object.hasOwn(PROCEDURES, name)

/**
 * Answers a tRPC request. Every call from browsers and services comes through here.
 *
 * @param known the caller, if the call comes from the command line on the database, which has to prove nothing
 */
export async function handleTrpc(request: Request, services: Services, known?: Principal): Promise<Response> {
  const since = performance.now()
  const { response, refused } = await answer(request, services, known, since)
  // The command line has no log of the web process and no cookie.
  if (known) return response
  logFailedAnswer(request, response, services.logger, since)
  // A person who works in the dashboard stays signed in. The answer renews their cookie, unless it already sets a newer
  // one.
  const cookie = refused || response.headers.has('set-cookie') ? null : await renewedCookie(request.headers)
  if (cookie) response.headers.append('set-cookie', cookie)
  return response
}

/** Answers a request to an address under /api that does not exist. */
export const refuseUnknownRoute = (): Response => errorResponse(new TRPCError({ code: 'NOT_FOUND' }))

interface Answer {
  response: Response
  /** The caller is not signed in. The status of a streamed answer does not tell that. */
  refused: boolean
}

/** An answer that is whole before it is sent, so that its status tells it all. */
const answeredAtOnce = (response: Response): Answer => ({ response, refused: response.status === 401 })

/**
 * With this header a caller takes the answers to the queries of a batch one by one, each as soon as it is ready. Only a
 * GET is answered so: a mutation may set a cookie, which the head of an answer that has begun can no longer take.
 */
export const STREAM_HEADER = 'trpc-accept'
export const STREAM = 'application/jsonl'

async function answer(
  request: Request,
  services: Services,
  known: Principal | undefined,
  since: number,
): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url)
  if (request.method !== 'GET' && request.method !== 'POST') {
    return answeredAtOnce(errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }), { allow: 'GET, POST' }))
  }
  if (request.method !== 'GET') request.headers.delete(STREAM_HEADER)
  // tRPC would also accept forms and bytes, but no procedure here uses them.
  if (request.method === 'POST' && !/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return answeredAtOnce(errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })))
  }
  // Compressed bodies are refused, because a few kilobytes could become gigabytes.
  if (!/^(?:identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    return answeredAtOnce(
      errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }), { 'accept-encoding': 'identity' }),
    )
  }
  const batch = searchParams.get('batch') === '1'
  const path = decode(pathname.slice(ENDPOINT.length + 1))
  const input = new RequestInput(
    request,
    (batch ? path.split(',') : [path]).slice(0, MAX_BATCH).map(inputOf),
    batch,
    services.largeBodies,
  )
  const span = beginRequestTrace(request.headers, batch ? 'batch' : isProcedure(path) ? path : 'unknown procedure')
  const context = createContext(services, request.headers, input, { known, span })
  // tRPC reads the body by this. It does so only once a procedure asks for its input. Where a procedure needs a caller,
  // that is after authentication.
  Object.defineProperty(request, 'json', { value: () => input.body(context.principal) })
  const end = (status: number) => {
    span?.end({
      attributes: { 'http.response.status_code': status },
      error: status >= 500 ? `HTTP ${status}` : undefined,
    })
    input.done()
  }
  // What the trace says if `call` throws.
  let status = 500
  let streams = false
  try {
    const { response, failure } = await call(request, services, context)
    status = response.status
    streams = request.headers.get(STREAM_HEADER) === STREAM && response.ok && response.body !== null
    if (!streams) {
      const failed = failure()
      if (failed) noteFailure(response, failed)
      return answeredAtOnce(response)
    }
    const streamed = new Response(
      whenEnded(response.body!, () => {
        const failed = failure()
        if (failed) {
          noteFailure(streamed, failed)
          logFailedAnswer(request, streamed, services.logger, since)
        }
        end(failed ? 500 : status)
      }),
      response,
    )
    const signedIn = context.principal().then(
      () => true,
      () => false,
    )
    return { response: streamed, refused: !(await signedIn) }
  } finally {
    if (!streams) end(status)
  }
}

/** The same stream, which calls back once when all of it was read, it failed, or its reader left. */
function whenEnded(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let open = true
  const end = () => {
    if (open) ended()
    open = false
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        end()
        controller.close()
      } catch (error) {
        end()
        controller.error(error)
      }
    },
    async cancel(reason) {
      end()
      await reader.cancel(reason)
    },
  })
}

/** Answers the calls. `failure` is what broke so far. The calls of a streamed answer go on after it has begun. */
async function call(
  request: Request,
  services: Services,
  context: Context,
): Promise<{ response: Response; failure: () => Failure | undefined }> {
  let failure: Failure | undefined
  const response = await fetchRequestHandler({
    endpoint: ENDPOINT,
    req: request,
    router: appRouter,
    createContext: ({ resHeaders }) => Object.assign(context, { answerHeaders: resHeaders }),
    maxBatchSize: MAX_BATCH,
    // No cache may keep an answer, because it is only for this caller and this moment. For an event stream tRPC sets
    // such a header itself. Its headers are made eagerly, before the first event.
    responseMeta: ({ eagerGeneration, type, errors }) =>
      eagerGeneration && type === 'subscription'
        ? {}
        : { headers: new Headers({ 'cache-control': 'no-store', ...retryAfter(errors) }) },
    onError: ({ error, path: procedure }) => {
      const { httpStatus, reason } = shapeError(error).data
      refusals.inc({ reason })
      if (httpStatus >= 500) failure ??= { error, reason, procedure }
    },
  })
  return { response, failure: () => failure }
}

/** A procedure of the router with the schema of its input. */
function inputOf(path: string): { path: string; input: z.core.$ZodType | undefined } {
  const procedure: unknown = Object.hasOwn(PROCEDURES, path) ? PROCEDURES[path] : undefined
  return { path, input: (procedure as { _def: { inputs: z.core.$ZodType[] } } | undefined)?._def.inputs.at(-1) }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
