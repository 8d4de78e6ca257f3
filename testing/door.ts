import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A connection point to PostgreSQL that a test can interrupt. */
export interface Door {
  url: string
  /** Ends all connections and accepts no new one. */
  shut(): void
  open(): void
  /**
   * Open connections stay open but nothing arrives on them any more, as with a server that is gone. New connections
   * work.
   */
  freeze(): void
  /**
   * With a function, each new connection is ended before its client has heard that it was opened. The client then hears
   * of both at once. The function gets the process id of the connection's backend, and ends it.
   */
  endAtBirth(end: ((pid: number) => Promise<void>) | undefined): void
  close(): Promise<void>
}

/** Passes connections on to the server at this address. The door's own address differs only in host and port. */
export async function openDoor(address: string): Promise<Door> {
  const url = new URL(address)
  const [host, port] = [url.hostname, Number(url.port)]
  const sockets = new Set<Socket>()
  let isOpen = true
  let endNewborn: ((pid: number) => Promise<void>) | undefined
  const shut = () => {
    isOpen = false
    for (const socket of sockets) socket.destroy()
  }
  const door = createServer((client) => {
    if (!isOpen) return void client.destroy()
    const server = connect(port, host)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      if (socket === client || !endNewborn) socket.pipe(other)
    }
    if (endNewborn) void tellBirthAndEnd(server, client, endNewborn)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  url.hostname = '127.0.0.1'
  url.port = String((door.address() as AddressInfo).port)
  return {
    url: url.href,
    shut,
    open: () => void (isOpen = true),
    freeze() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    endAtBirth: (end) => void (endNewborn = end),
    async close() {
      shut()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

/** The first bytes of the server's messages BackendKeyData and ReadyForQuery (PostgreSQL, "Message Formats"). */
const [KEY_DATA, READY] = [Buffer.from('K\0\0\0\x0c'), Buffer.from('Z\0\0\0\x05I')]

async function tellBirthAndEnd(server: Socket, client: Socket, end: (pid: number) => Promise<void>): Promise<void> {
  const held: Buffer[] = []
  server.on('data', (chunk: Buffer) => {
    if (!chunk.includes(READY) && held.length === 0) return void client.write(chunk)
    held.push(chunk)
    if (held.length > 1) return
    const key = chunk.indexOf(KEY_DATA)
    void end(chunk.readInt32BE(key + KEY_DATA.length)).catch(() => undefined)
  })
  await once(server, 'end')
  client.end(Buffer.concat(held))
}
