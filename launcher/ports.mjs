import { connect, createServer } from 'node:net'
import { addressesOf, isAbsent } from '../server/listening.mjs'

/**
 * True where nobody listens on a port, neither on the given address nor on loopback. A program that listens on loopback
 * would get the calls meant for us.
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
export async function tryListen(port, host) {
  for (const address of addressesOf(host)) {
    const code = await tryAddress(port, address)
    if (code && !isAbsent(host, address, code)) return code
  }
  return ''
}

/** @param {number} port @param {string | undefined} host @returns {Promise<string>} */
function tryAddress(port, host) {
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
 * Holds a port until the process that it is for is ready to take it, so that two starts at the same time do not choose
 * the same port.
 * @param {number} port
 * @param {string} host
 * @returns {Promise<() => Promise<void>>} lets go of it
 */
export async function reservePort(port, host) {
  /** @type {(() => Promise<void>)[]} */
  const held = []
  const release = async () => void (await Promise.all(held.map((letGo) => letGo())))
  for (const address of addressesOf(host)) {
    try {
      held.push(await serve(port, address, (socket) => socket.destroy()))
    } catch (error) {
      if (isAbsent(host, address, /** @type {NodeJS.ErrnoException} */ (error).code)) continue
      await release()
      throw error
    }
  }
  return release
}

/**
 * Passes on connections to the other address of "localhost". It is for a server that can listen on 127.0.0.1 only
 * (`next dev`).
 * @param {number} port
 */
export async function relayLoopback(port) {
  const pass = (/** @type {import('node:net').Socket} */ client) => {
    const server = connect(port, '127.0.0.1')
    for (const [one, other] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      one.on('error', () => {}).on('close', () => other.destroy())
      one.pipe(other)
    }
  }
  await serve(port, '::1', pass).catch((error) => {
    if (!isAbsent('localhost', '::1', error.code)) throw error
  })
}

/**
 * @param {number} port
 * @param {string | undefined} host
 * @param {(socket: import('node:net').Socket) => void} onConnection
 * @returns {Promise<() => Promise<void>>} closes it
 */
function serve(port, host, onConnection) {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection)
    server.once('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      server.unref()
      resolve(() => new Promise((closed) => server.close(() => closed())))
    })
  })
}
