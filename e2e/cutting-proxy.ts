import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'

/**
 * What happens to a request. `after`: the server gets it and answers, but the answer does not reach the caller.
 * `refuse`: the server does not get it, and the proxy itself answers with 502.
 */
type Fate = 'pass' | 'after' | 'refuse'

/**
 * A proxy in front of one or several web processes, which get requests in turn. It cuts connections as networks do. A
 * process that accepts no connections is skipped.
 */
export async function startProxy(upstreams: readonly string[]) {
  const sockets = new Set<Socket>()
  let turn = 0
  let fateOf: (path: string) => Fate = () => 'pass'

  function forward(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    body: Buffer,
    fate: Fate,
    tries = upstreams.length,
  ): void {
    const target = new URL(incoming.url ?? '/', upstreams[turn++ % upstreams.length])
    const upstream = request(
      target,
      { method: incoming.method, headers: { ...incoming.headers, host: target.host } },
      (answer) => {
        if (fate === 'after') {
          answer.resume().on('close', () => incoming.socket.destroy())
          return
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        outgoing.flushHeaders()
        // When a server dies in the middle of an answer, the proxy breaks off its own answer as well.
        answer.on('error', () => outgoing.destroy()).pipe(outgoing)
      },
    )
    upstream.on('error', () => {
      if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy()
      if (tries > 1) forward(incoming, outgoing, body, fate, tries - 1)
      else outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')
    })
    outgoing.on('close', () => upstream.destroy())
    upstream.end(body)
  }

  const server = createServer((incoming, outgoing) => {
    const fate = fateOf(incoming.url ?? '/')
    if (fate === 'refuse')
      return void outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => forward(incoming, outgoing, Buffer.concat(chunks), fate))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Decides about each request that comes from now on. */
    decide: (decide: (path: string) => Fate) => void (fateOf = decide),
    /** Cuts every open connection. Returns how many there were. */
    cut(): number {
      const open = sockets.size
      for (const socket of sockets) socket.destroy()
      return open
    },
    async stop(): Promise<void> {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
