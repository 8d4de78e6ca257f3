import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { shapeMethodRefused, shapeUnreadable } from '@/server/api/errors'
import { isKnownMethod, wholeAnswer } from './front-door'

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
    socket.end(refusal(error))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
}

/** The first line of a request whose only fault is its method: unknown, or in small letters. */
const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]{1,50}) (\S{1,2000}) HTTP\/1\.[01]\r?\n/

function refusal({ code, rawPacket }: NodeJS.ErrnoException & { rawPacket?: Buffer }): string {
  const [, method = '', target = ''] =
    (code === 'HPE_INVALID_METHOD' && REQUEST_LINE.exec(rawPacket?.toString('latin1', 0, 2_100) ?? '')) || []
  return method !== '' && !isKnownMethod(method)
    ? wholeAnswer(shapeMethodRefused(), target)
    : wholeAnswer(shapeUnreadable(code), '')
}
