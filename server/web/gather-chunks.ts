import type { IncomingMessage, RequestListener } from 'node:http'

/** Bytes. So much is handed on at once, however many chunks it came in. */
const ENOUGH = 16 * 1024

/**
 * Puts the small chunks of bodies together before anybody sees them. A body of 250 kB in chunks of one byte comes as
 * 250,000 pieces, and each piece takes some 50 µs on its way through streams and promises: one caller kept the process
 * at work for 13 s, and others waited up to 440 ms. What one packet brings is now one piece.
 */
export function withGatheredChunks(listener: RequestListener): RequestListener {
  return (request, response) => {
    // Only bodies in chunks have pieces of the sender's choice. Others come as large as the network brings them.
    if (request.headers['transfer-encoding'] !== undefined) gather(request)
    listener(request, response)
  }
}

function gather(request: IncomingMessage): void {
  const push = request.push.bind(request)
  let waiting: Buffer[] = []
  let bytes = 0
  const handOn = (): boolean => {
    if (waiting.length === 0) return true
    const piece = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting, bytes)
    waiting = []
    bytes = 0
    return push(piece)
  }
  request.push = (chunk: Buffer | null) => {
    if (chunk === null) {
      handOn()
      return push(null)
    }
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes >= ENOUGH) return handOn()
    // The rest of the packet is read before setImmediate runs. Node.js stops reading a connection when `push` returns
    // false. Here it was told true too early, so the connection is stopped by hand.
    if (waiting.length === 1)
      setImmediate(() => {
        if (!handOn()) request.socket.pause()
      })
    return true
  }
}
