import { METHODS, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  shapeMethodRefused,
  shapeTooManyParameters,
  shapeUnknownAddress,
  shapeUnmetExpectation,
  shapeWithoutHost,
  type ErrorShape,
} from '@/server/api/errors'
import { API_POLICY, EVERYWHERE, HSTS } from './headers.mjs'

/**
 * Every request comes through here first. Its answer gets the headers of security, and a method that nothing here
 * understands is refused. Next.js would fail at such a method, or answer as if it were a GET.
 *
 * @returns true where the request has been answered
 */
export function answerAtDoor(request: IncomingMessage, response: ServerResponse): boolean {
  setDoorHeaders(request, response)
  // A client that takes this server for its proxy sends a whole address. Next.js would redirect it in a loop.
  const url = (request.url ?? '').replace(/^https?:\/\/[^/?#]*(?=\/)/i, '')
  request.url = url
  const { method = '' } = request
  // RFC 9112, 3.2: a request of HTTP/1.1 has to name its host; HTTP/1.0 knew no such header.
  const nameless = request.httpVersion === '1.1' && request.headers.host === undefined
  const refusal = nameless ? shapeWithoutHost() : refusalOf(method, url)
  if (!refusal) return false
  send(refusal, request, response)
  return true
}

/**
 * Answers what Node.js would answer with a bare status: a header Expect that asks for more than 100-continue. The
 * server has to be made with SERVER_OPTIONS, so that a request without a host comes to `answerAtDoor` and not to
 * Node.js.
 */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => {
    setDoorHeaders(request, response)
    send(shapeUnmetExpectation(), request, response)
  })
}

/** The options with which a server has to be made, so that requests without a host come to `answerAtDoor`. */
export const SERVER_OPTIONS = { requireHostHeader: false }

function send(refusal: ErrorShape, { method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const { body, headers, status } = written(refusal, url)
  response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body)
}

/** Answers CONNECT. Node.js hands over the bare connection, and would close it without an answer. */
export function refuseTunnels(server: Server): void {
  server.on('connect', (request, socket) => {
    socket.on('error', () => undefined)
    socket.end(wholeAnswer(shapeMethodRefused(), request.url ?? ''))
  })
}

/** A whole HTTP answer as text, for connections that Node.js made no response object for. */
export function wholeAnswer(error: ErrorShape, url: string): string {
  const { body, headers, status } = written(error, url)
  const lines = Object.entries({ ...doorHeaders(false), ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}

/** True for a method that Node's parser knows. Names of methods are case-sensitive. */
export const isKnownMethod = (method: string): boolean => METHODS.includes(method)

/** Pages replace the policy among them by one with their nonce (proxy.ts). Redirects and files keep it. */
function setDoorHeaders(request: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of Object.entries(doorHeaders(request.headers['x-forwarded-proto'] === 'https')))
    response.setHeader(name, value)
}

const doorHeaders = (secure: boolean) => ({
  ...EVERYWHERE,
  'Content-Security-Policy': API_POLICY,
  ...(secure && { 'Strict-Transport-Security': HSTS }),
})

function refusalOf(method: string, url: string): ErrorShape | null {
  if (!allowedAt(url).includes(method) && !(isRoute(url) && DECIDED_BY_ROUTES.includes(method)))
    return shapeMethodRefused()
  // An address may be `*` instead of a path.
  if (!url.startsWith('/')) return shapeUnknownAddress()
  return hasTooManyParameters(url) ? shapeTooManyParameters() : null
}

/**
 * Next.js takes time that grows with the square of the number of parameters: 10,000 of them, which fit into 40 KB, kept
 * the whole process busy for more than 8 s. No page writes more than 200 into its address.
 */
const MOST_PARAMETERS = 300

function hasTooManyParameters(url: string): boolean {
  let count = 0
  for (let at = url.indexOf('?'); at >= 0; at = url.indexOf('&', at + 1)) if (++count > MOST_PARAMETERS) return true
  return false
}

/** The API's routes refuse wrong methods themselves, because each knows which it allows. */
const DECIDED_BY_ROUTES = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const isRoute = (url: string): boolean => isApi(url) && !/^\/api(?:\/docs)?\/?(?:\?|$)/.test(url)
const isApi = (url: string): boolean => /^\/api(?:[/?]|$)/.test(url)

/** Pages take POST like GET, because a browser without scripts sends their forms that way. */
function allowedAt(url: string): string[] {
  if (/^\/api\/(?:trpc|auth)\//.test(url)) return ['GET', 'POST']
  // The same as in server/api/uploads/route.ts.
  if (/^\/api\/uploads\/?(?:\?|$)/.test(url)) return ['POST']
  if (url.startsWith('/api/uploads/')) return ['GET', 'HEAD', 'PATCH', 'DELETE']
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
