import { STATUS_CODES, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { shapeUnreadable } from '@/server/api/errors'
import { API_POLICY, EVERYWHERE } from './headers.mjs'

/** Of the address and all headers: the largest filter that a call may carry, percent-encoded, and what comes with it. */
export const MAX_HEADER_BYTES = 64 * 1024
/** To whoever is still sending, a connection that is closed at once looks broken, and its answer is lost. */
const LINGER_MS = 1_000

/** Answers what Node's parser refuses as everything else is refused; Node itself would give a bare status. */
export function answerUnreadable(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (request, response) => answers.set(request.socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What comes after the part that could not be read fails as well, until the connection is closed.
    if (socket.writableEnded) return
    const answer = answers.get(socket)
    const begun = answer?.headersSent && !answer.writableFinished
    if (begun || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    socket.end(refusal(error.code))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
}

/** The whole answer, as it goes over the wire. */
function refusal(code: string | undefined): string {
  const error = shapeUnreadable(code)
  const body = JSON.stringify({ error })
  const headers = Object.entries({
    ...EVERYWHERE,
    'Content-Security-Policy': API_POLICY,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    Connection: 'close',
  })
  const { httpStatus } = error.data
  return [`HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus]}`, ...headers.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n')
}
