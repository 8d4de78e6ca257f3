import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * How many requests of one connection may wait for the ones before them. Clients that send several ahead send a few.
 */
const MOST_WAITING = 100

/**
 * Works on the requests of one connection one after the other. HTTP/1.1 lets a caller send many without waiting for
 * their answers. Node.js would begin them all in one go, some thousand out of 64 KiB, and nobody else would be answered
 * until that was done. A connection that has too many waiting is closed.
 */
export function oneRequestAtATime(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, [IncomingMessage, ServerResponse][]>()

  const begin = (request: IncomingMessage, response: ServerResponse) => {
    // Between two requests of one connection, those of others get their turn.
    response.once('close', () => setImmediate(goOn, request.socket))
    listener(request, response)
  }
  const goOn = (socket: Socket) => {
    const next = waiting.get(socket)?.shift()
    if (!next) waiting.delete(socket)
    else if (!socket.destroyed) begin(...next)
  }
  return (request, response) => {
    const { socket } = request
    const line = waiting.get(socket)
    if (!line) {
      waiting.set(socket, [])
      begin(request, response)
    } else if (line.length < MOST_WAITING) line.push([request, response])
    else socket.destroy()
  }
}
