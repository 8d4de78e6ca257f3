import type { IncomingMessage, RequestListener } from 'node:http'
import { createRequestListener } from '@remix-run/node-fetch-server'
import compression from 'compression'
import { answerArtifact } from '@/server/api/artifact-route'
import { errorResponse } from '@/server/api/errors'
import { handleTrpc } from '@/server/api/http'
import { getServices } from '@/server/api/services'
import { API_POLICY, EVERYWHERE, HSTS } from './headers.mjs'

/** One name after the prefix: what else lies under it is left to Next.js, which refuses it. */
const PROCEDURES = /^\/api\/trpc\/[^/?]+(?:\?|$)/
const ARTIFACTS = /^\/api\/artifacts\/[^/?]+\/[^/?]+(?:\?|$)/

/** True for calls of procedures and for artifacts. */
export const isDirect = ({ url = '' }: IncomingMessage): boolean => PROCEDURES.test(url) || ARTIFACTS.test(url)

/**
 * Answers as the routes in `app/api` do, without the way through Next.js: its routing costs a call more processor
 * time than the call itself, and it takes the length off whatever a route answers (docs/decisions/0046).
 */
export function createDirectListener(): RequestListener {
  const respond = (request: Request) =>
    ARTIFACTS.test(new URL(request.url).pathname) ? answerArtifact(request) : handleTrpc(request, getServices())
  const answer = createRequestListener(respond, {
    // Nothing looks at them, and whatever a caller writes into Host must make an address.
    protocol: 'http:',
    host: 'localhost',
    onError: (error) => {
      getServices().logger.error({ err: error }, 'a call failed')
      return errorResponse(error)
    },
  })
  // As Next.js does; events go out one by one and are small.
  const compress = compression({
    filter: (_, response) =>
      !String(response.getHeader('content-type')).startsWith('text/event-stream') && compression.filter(_, response),
  })
  return (request, response) => {
    for (const [name, value] of Object.entries(EVERYWHERE)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', API_POLICY)
    if (request.headers['x-forwarded-proto'] === 'https') response.setHeader('Strict-Transport-Security', HSTS)
    response.once('finish', () => discardRest(request))
    compress(request as never, response as never, () => void answer(request, response))
  }
}

/** Of a body that nobody wanted, so much and for so long is still taken in after the answer. */
const DISCARDED_BYTES = 32 * 1024 * 1024
const DISCARDED_MS = 2_000

/**
 * Throws away what still comes after the answer went out, and then closes the connection: who is cut off while it
 * sends may never read the answer. A body that ends within that time leaves the connection as good as before.
 */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return
  const { socket } = request
  let left = DISCARDED_BYTES
  const timer = setTimeout(() => socket.destroy(), DISCARDED_MS)
  // Whoever was to read it would hold it back for ever.
  request.removeAllListeners('data').on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) socket.destroy()
  })
  request.once('close', () => clearTimeout(timer)).resume()
}
