import { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { renewedCookie } from '@/server/auth/session-cookie'
import { bodyLimit, discardBody, limitBody } from './body'
import { errorResponse, isUnforeseen, retryAfter } from './errors'
import { appRouter } from './root'
import type { Services } from './services'
import { createContext } from './trpc'

const ENDPOINT = '/api/trpc'
const MAX_BATCH = 50

/** Answers a tRPC request: the one door for browser and services. */
export async function handleTrpc(request: Request, services: Services): Promise<Response> {
  const response = await answer(request, services)
  await discardBody(request)
  // Whoever works in the dashboard stays signed in; a cookie that the answer sets itself is newer.
  const cookie = response.status === 401 || response.headers.has('set-cookie') ? null : await renewedCookie(request.headers)
  if (cookie) response.headers.append('set-cookie', cookie)
  return response
}

/** What lies under /api and is none of its routes. */
export const refuseUnknownRoute = (): Response => errorResponse(new TRPCError({ code: 'NOT_FOUND' }))

async function answer(request: Request, services: Services): Promise<Response> {
  const path = new URL(request.url).pathname.slice(ENDPOINT.length + 1)
  if (request.method !== 'GET' && request.method !== 'POST') {
    return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }), { allow: 'GET, POST' })
  }
  // tRPC would also take forms and bytes, which no procedure here understands.
  if (request.method === 'POST' && !/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }))
  }
  // Nothing is unpacked here: a few kilobytes could become gigabytes.
  if (!/^(?:identity)?$/i.test(request.headers.get('content-encoding') ?? '')) {
    return errorResponse(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' }), { 'accept-encoding': 'identity' })
  }
  return fetchRequestHandler({
    endpoint: ENDPOINT,
    req: limitBody(request, bodyLimit(decode(path))),
    router: appRouter,
    createContext: ({ resHeaders }) => createContext(services, request.headers, resHeaders),
    maxBatchSize: MAX_BATCH,
    // Answers are for this caller and this moment.
    responseMeta: ({ eagerGeneration, type, errors }) =>
      eagerGeneration && type === 'subscription' ? {} : { headers: new Headers({ 'cache-control': 'no-store', ...retryAfter(errors) }) },
    onError: ({ error, path: procedure, type }) => {
      if (isUnforeseen(error)) services.logger.error({ err: error.cause ?? error, procedure, type }, 'a call failed')
    },
  })
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
