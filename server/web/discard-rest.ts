import type { IncomingMessage } from 'node:http'

/** After an answer, this many bytes of the request's body are still read, and for this long. */
const DISCARDED_BYTES = 32 * 1024 * 1024
const DISCARDED_MS = 2_000

/**
 * Reads and throws away what the caller still sends after the answer, and closes the connection in the end. A caller
 * that is cut off while it sends may never read the answer. When the body ends in time, the connection stays open.
 */
export function discardRest(request: IncomingMessage): void {
  // What counts is that the body was read to its end. One that has come wholly may still lie unread, and the connection
  // then takes no further request.
  if (request.readableEnded) return
  const { socket } = request
  let left = DISCARDED_BYTES
  const timer = setTimeout(() => socket.destroy(), DISCARDED_MS)
  // A reader that is still attached to the body would otherwise stop its flow for ever, whichever way it reads.
  request.unpipe().removeAllListeners('readable').removeAllListeners('data')
  request.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) socket.destroy()
  })
  request.once('end', () => clearTimeout(timer))
  request.once('close', () => clearTimeout(timer)).resume()
}
