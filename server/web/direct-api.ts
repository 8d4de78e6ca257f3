import type { IncomingMessage, RequestListener } from 'node:http'
import { createRequestListener } from '@remix-run/node-fetch-server'
import compression from 'compression'
import { errorResponse } from '@/server/api/errors'
import { handleTrpc } from '@/server/api/http'
import { getServices } from '@/server/api/services'
import { API_POLICY, EVERYWHERE, HSTS } from './headers.mjs'

/** One name after the prefix: what else lies under it is left to Next.js, which refuses it. */
const PROCEDURES = /^\/api\/trpc\/[^/?]+(?:\?|$)/

/** True for calls of procedures. */
export const isProcedureCall = ({ url }: IncomingMessage): boolean => PROCEDURES.test(url ?? '')

/**
 * Answers calls of procedures as `app/api/trpc/[trpc]/route.ts` does, without the way through Next.js: its routing
 * costs a call more processor time than the call itself (docs/decisions/0046).
 */
export function createProcedureListener(): RequestListener {
  const answer = createRequestListener((request) => handleTrpc(request, getServices()), {
    // Nothing looks at them, and whatever a caller writes into Host must make an address.
    protocol: 'http:',
    host: 'localhost',
    onError: (error) => {
      getServices().logger.error({ err: error }, 'a call failed')
      return errorResponse(error)
    },
  })
  // As Next.js does; events go out one by one and are small.
  const compress = compression({ filter: (_, response) => !String(response.getHeader('content-type')).startsWith('text/event-stream') && compression.filter(_, response) })
  return (request, response) => {
    for (const [name, value] of Object.entries(EVERYWHERE)) response.setHeader(name, value)
    response.setHeader('Content-Security-Policy', API_POLICY)
    if (request.headers['x-forwarded-proto'] === 'https') response.setHeader('Strict-Transport-Security', HSTS)
    compress(request as never, response as never, () => void answer(request, response))
  }
}
