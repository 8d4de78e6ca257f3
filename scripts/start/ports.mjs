import { createServer } from 'node:net'

/**
 * Whether nobody listens on a port: on the address given, and on loopback, where another program
 * would otherwise get the calls meant for us.
 * @param {number} port
 * @param {string} [host]
 */
export async function isPortFree(port, host) {
  for (const address of new Set([host, '0.0.0.0', '127.0.0.1', '::', '::1'])) {
    const code = await tryListen(port, address)
    if (code === 'EADDRINUSE') return false
    if (code && address === host) return false
  }
  return true
}

/**
 * @param {number} port
 * @param {string | undefined} host
 * @returns {Promise<string>} '' when it worked, else the error's code
 */
export function tryListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code ?? 'ERROR'))
    server.listen({ port, host, exclusive: true, ipv6Only: host === '::' }, () => server.close(() => resolve('')))
  })
}

/**
 * A port that nobody uses, on 127.0.0.1; `preferred` when that one is free.
 * @param {number} [preferred]
 * @returns {Promise<number>}
 */
export async function freePort(preferred) {
  if (preferred && (await tryListen(preferred, '127.0.0.1')) === '') return preferred
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/**
 * Holds a port until whom it is meant for is ready to take it, so that two starts side by side do
 * not choose the same one.
 * @param {number} port
 * @param {string} host
 * @returns {Promise<() => Promise<void>>} lets go of it
 */
export function reservePort(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      server.unref()
      resolve(() => new Promise((closed) => server.close(() => closed())))
    })
  })
}
