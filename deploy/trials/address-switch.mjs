import { connect, createServer } from 'node:net'

/**
 * A TCP address that leads to one server and can be led to another, as a virtual address or a name does at a failover.
 * @param {string} address a URL
 */
export async function openSwitch(address) {
  const url = new URL(address)
  let target = { host: url.hostname, port: Number(url.port) }
  let swallows = false
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    client.on('close', () => sockets.delete(client))
    // As where packets are dropped: the connection stands, and nothing ever comes of it.
    if (swallows) return
    const other = connect(target.port, target.host)
    sockets.add(other)
    other.on('error', () => client.destroy())
    other.on('close', () => {
      sockets.delete(other)
      // After `swallow`, the client must not hear that the server ended the connection.
      if (!other.isPaused()) client.destroy()
    })
    client.on('close', () => other.destroy())
    client.pipe(other)
    other.pipe(client)
  })
  await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve())))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  url.port = String(port)
  return {
    url: url.href,
    /** New connections lead there from now on. @param {string} to */
    leadTo(to) {
      const { hostname, port } = new URL(to)
      target = { host: hostname, port: Number(port) }
      swallows = false
    },
    /** Nothing that is sent arrives any more, on open connections as on new ones, and nobody is told. */
    swallow() {
      swallows = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
