import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that a test can interrupt. */
export interface Door {
  url: string
  /** Ends all connections and takes no new one. */
  shut(): void
  open(): void
  /** Connections remain and say nothing any more, as to a server that is gone; new ones get through. */
  freeze(): void
  close(): Promise<void>
}

/** Passes connections on to the server of this address; its own address is the same but for host and port. */
export async function openDoor(address: string): Promise<Door> {
  const url = new URL(address)
  const [host, port] = [url.hostname, Number(url.port)]
  const sockets = new Set<Socket>()
  let isOpen = true
  const shut = () => {
    isOpen = false
    for (const socket of sockets) socket.destroy()
  }
  const door = createServer((client) => {
    if (!isOpen) return void client.destroy()
    const server = connect(port, host)
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
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
    async close() {
      shut()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}
