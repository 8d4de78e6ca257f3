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

const refusals = counter('jobyard_refusals_total')
const ENDPOINT = '/api/trpc'
const MAX_BATCH = 50
const PROCEDURES = appRouter._def.procedures as Record<string, unknown>

/** Whether there is a procedure of this name. */
export const isProcedure = (name: string): boolean => Object.hasOwn(PROCEDURES, name)

/**
 * Answers a tRPC request. Every call from browsers and services comes through here.
 *
 * @param known the caller, where nothing has to prove it: the command line on the database
 */
export async function handleTrpc(request: Request, services: Services, known?: Principal): Promise<Response> {
  const since = performance.now()
  const response = await answer(request, services, known)
  if (known) return response
  logFailedAnswer(request, response, services.logger, since)
  // A person who works in the dashboard stays signed in. The answer renews their cookie, unless it already sets a newer
  // one.
  const cookie =
    response.status === 401 || response.headers.has('set-cookie') ? null : await renewedCookie(request.headers)
  if (cookie) response.headers.append('set-cookie', cookie)
  return response
}

/** Answers a request to an address under /api that does not exist. */
export const refuseUnknownRoute = (): Response => errorResponse(new TRPCError({ code: 'NOT_FOUND' }))

async function answer(request: Request, services: Services, known: Principal | undefined): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  if (request.method !== 'GET' && request.method !== 'POST') {
    return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }), { allow: 'GET, POST' })
  }
  // tRPC would also accept forms and bytes, but no procedure here uses them.
  if (request.method === 'POST' && !/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }))
  }
  // Compressed bodies are refused, because a few kilobytes could become gigabytes.
  if (!/^(?:identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    return errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }), { 'accept-encoding': 'identity' })
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
  // This runs only once a procedure asks for its input, which is after authentication.
  Object.defineProperty(request, 'json', { value: () => input.body(context.principal) })
  let status = 500
  try {
    const response = await call(request, services, context)
    status = response.status
    return response
  } finally {
    span?.end({
      attributes: { 'http.response.status_code': status },
      error: status >= 500 ? `HTTP ${status}` : undefined,
    })
    input.done()
  }
}

async function call(request: Request, services: Services, context: Context): Promise<Response> {
  let failure: Failure | undefined
  const response = await fetchRequestHandler({
    endpoint: ENDPOINT,
    req: request,
    router: appRouter,
    createContext: ({ resHeaders }) => Object.assign(context, { answerHeaders: resHeaders }),
    maxBatchSize: MAX_BATCH,
    // No cache may keep an answer, because it is only for this caller and this moment.
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
  if (failure) noteFailure(response, failure)
  return response
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
