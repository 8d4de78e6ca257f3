import { METHODS, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { shapeMethodRefused, shapeUnknownAddress, type ErrorShape } from '@/server/api/errors'
import { API_POLICY, EVERYWHERE, HSTS } from './headers.mjs'

/**
 * What every request meets first, whatever answers it afterwards: headers that keep an answer from running anything,
 * and a refusal of methods that nothing here understands, at which Next.js would fail or answer as if it were a GET.
 *
 * @returns true where the request has been answered
 */
export function answerAtDoor(request: IncomingMessage, response: ServerResponse): boolean {
  // Pages set a policy with their nonce in place of this one (proxy.ts); what is left with it is redirects and files.
  for (const [name, value] of Object.entries(doorHeaders(request.headers['x-forwarded-proto'] === 'https')))
    response.setHeader(name, value)
  // A client that takes us for its proxy sends the whole address; Next.js would send it there, again and again.
  const url = (request.url ?? '').replace(/^https?:\/\/[^/?#]*(?=\/)/i, '')
  request.url = url
  const { method = '' } = request
  const refusal = refusalOf(method, url)
  if (!refusal) return false
  const { body, headers, status } = written(refusal, url)
  response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body)
  return true
}

/** Answers CONNECT, which Node hands over as a bare connection, and would close without a word. */
export function refuseTunnels(server: Server): void {
  server.on('connect', (request, socket) => {
    socket.on('error', () => undefined)
    socket.end(wholeAnswer(shapeMethodRefused(), request.url ?? ''))
  })
}

/** An answer as it goes over the wire, for connections that no response belongs to. */
export function wholeAnswer(error: ErrorShape, url: string): string {
  const { body, headers, status } = written(error, url)
  const lines = Object.entries({ ...doorHeaders(false), ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}

/** True for a method that Node's parser knows by this very name; HTTP tells capitals from small letters. */
export const isKnownMethod = (method: string): boolean => METHODS.includes(method)

const doorHeaders = (secure: boolean) => ({
  ...EVERYWHERE,
  'Content-Security-Policy': API_POLICY,
  ...(secure && { 'Strict-Transport-Security': HSTS }),
})

function refusalOf(method: string, url: string): ErrorShape | null {
  if (!allowedAt(url).includes(method) && !(isRoute(url) && DECIDED_BY_ROUTES.includes(method)))
    return shapeMethodRefused()
  // Such as `*`.
  return url.startsWith('/') ? null : shapeUnknownAddress()
}

/** Routes of the API refuse these by themselves, and know more exactly what is allowed. */
const DECIDED_BY_ROUTES = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const isRoute = (url: string): boolean => isApi(url) && !/^\/api(?:\/docs)?\/?(?:\?|$)/.test(url)
const isApi = (url: string): boolean => /^\/api(?:[/?]|$)/.test(url)

/** Pages take POST as they take GET: their forms send themselves so where no script runs. */
function allowedAt(url: string): string[] {
  if (/^\/api\/(?:trpc|auth)\//.test(url)) return ['GET', 'POST']
  if (isApi(url) || /^\/(?:_next\/|icon\.svg)/.test(url)) return ['GET', 'HEAD']
  return ['GET', 'HEAD', 'POST']
}

function written(error: ErrorShape, url: string) {
  const body = JSON.stringify({ error })
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    ...(error.data.reason === 'METHOD_NOT_SUPPORTED' && { Allow: allowedAt(url).join(', ') }),
  }
  return { body, headers, status: error.data.httpStatus }
}
