import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createRequestListener } from '@remix-run/node-fetch-server'
import compression from 'compression'
import { answerArtifact } from '@/server/api/artifact-route'
import { handleAuth } from '@/server/api/auth-http'
import { errorResponse } from '@/server/api/errors'
import { handleTrpc, STREAM, STREAM_HEADER } from '@/server/api/http'
import { answerMetrics } from '@/server/api/metrics-route'
import { getServices } from '@/server/api/services'
import { answerUpload } from '@/server/api/uploads/route'
import { isLogged, logFailedAnswer } from '@/server/api/failed-answers'
import { noteLogged } from './answer-log'
import { discardRest } from './discard-rest'
import { API_POLICY, EVERYWHERE, HSTS } from './headers.mjs'

// Answers calls of the API in the web process without Next.js.

/**
 * The prefix and one name, or several with commas between them. Next.js gets every other address below the prefix, and
 * refuses it.
 */
const PROCEDURES = /^\/api\/trpc\/[^/?]+(?:\?|$)/
const UPLOADS = /^\/api\/uploads(?:\/[^/?]+)?(?:\?|$)/
const ARTIFACTS = /^\/api\/artifacts\/[^/?]+\/[^/?]+(?:\?|$)/

const METRICS = /^\/api\/metrics(?:\?|$)/
const SIGN_IN = /^\/api\/auth\/callback\/credentials(?:\?|$)/

/**
 * True for requests that are answered here: calls of procedures, artifacts, uploads, metrics, and sign-ins by password.
 */
export const isDirect = ({ url = '', method }: Pick<IncomingMessage, 'url' | 'method'>): boolean =>
  PROCEDURES.test(url) ||
  ARTIFACTS.test(url) ||
  UPLOADS.test(url) ||
  METRICS.test(url) ||
  (method === 'POST' && SIGN_IN.test(url))

/**
 * Gives the answers of these routes of `app/api` without Next.js. Its routing takes more processor time than the call
 * itself, and it drops the length of every answer (docs/decisions/0046).
 */
export function createDirectListener({ upload = answerUpload } = {}): RequestListener {
  const route = (request: Request) => {
    const { pathname } = new URL(request.url)
    if (ARTIFACTS.test(pathname)) return answerArtifact(request)
    if (METRICS.test(pathname)) return answerMetrics(request)
    // Next.js takes so long to take in a sign-in that two hundred at once kept everybody else waiting, although only a few
    // of them are worked on at a time (server/auth/sign-in-turns.ts).
    if (SIGN_IN.test(pathname)) return handleAuth(request, ['callback', 'credentials'], getServices())
    return UPLOADS.test(pathname) ? upload(request) : handleTrpc(request, getServices())
  }
  const respond = async (request: Request, response: ServerResponse): Promise<Response> => {
    const since = performance.now()
    const answer = await Promise.resolve(request)
      .then(route)
      .catch((error: unknown) => {
        if (request.signal.aborted) throw error
        return errorResponse(error)
      })
    if (!isLogged(answer)) logFailedAnswer(request, answer, getServices().logger, since)
    if (isLogged(answer)) noteLogged(response)
    return answer
  }
  // The URL of the request needs some host, and nobody looks at it. The caller's own Host header might not even form an
  // address.
  const options = { protocol: 'http:', host: 'localhost', onError: (error: unknown) => errorResponse(error) }
  // Next.js compresses in the same way. Events are not compressed, because they are small and go out one by one.
  const compress = compression({
    filter: (_, response) =>
      !String(response.getHeader('content-type')).startsWith('text/event-stream') && compression.filter(_, response),
  })
  return (request, response) => {
    for (const [name, value] of Object.entries(EVERYWHERE)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', API_POLICY)
    if (request.headers['x-forwarded-proto'] === 'https') response.setHeader('Strict-Transport-Security', HSTS)
    response.once('finish', () => discardRest(request))
    const answer = createRequestListener((call: Request) => respond(call, response), options)
    compress(request as never, response as never, () => {
      if (request.headers[STREAM_HEADER] === STREAM) sendAtOnce(response)
      void answer(request, response)
    })
  }
}

/** Sends each part of an answer as soon as it is written. The compression would wait for more. */
function sendAtOnce(response: ServerResponse & { flush?: () => void }): void {
  const write = response.write.bind(response) as (...args: unknown[]) => boolean
  response.write = (...args: unknown[]) => {
    const goesOn = write(...args)
    response.flush?.()
    return goesOn
  }
}
