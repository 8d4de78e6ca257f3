import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { shapeMethodRefused, shapeUnreadable } from '@/server/api/errors'
import { isKnownMethod, wholeAnswer } from './front-door'

/** The most bytes that address and headers may have together. The largest filter fits in, percent-encoded. */
export const MAX_HEADER_BYTES = 64 * 1024
/**
 * Milliseconds until the connection is closed. A caller that still sends would lose the answer if it were closed at
 * once.
 */
const LINGER_MS = 1_000

/** Gives our usual refusal where Node's parser refuses a request. Node.js itself would answer with a bare status. */
export function answerUnreadable(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (request, response) => answers.set(request.socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The rest of an unreadable request fails as well, until the connection is closed. It is answered only once.
    if (socket.writableEnded) return
    const answer = answers.get(socket)
    const begun = answer?.headersSent && !answer.writableFinished
    if (begun || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    socket.end(refusal(error))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
}

/** The first line of a request that is wrong only in its method, which is unknown or in small letters. */
const REQUEST_LINE = /^([\w!#$%&'*+.^`|~-]{1,50}) (\S{1,2000}) HTTP\/1\.[01]\r?\n/

function refusal({ code, rawPacket }: NodeJS.ErrnoException & { rawPacket?: Buffer }): string {
  const [, method = '', target = ''] =
    (code === 'HPE_INVALID_METHOD' && REQUEST_LINE.exec(rawPacket?.toString('latin1', 0, 2_100) ?? '')) || []
  return method !== '' && !isKnownMethod(method)
    ? wholeAnswer(shapeMethodRefused(), target)
    : wholeAnswer(shapeUnreadable(code), '')
}
