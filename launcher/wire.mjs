import { connect, isIP } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'

/** The server speaks TLS, but its certificate was signed by nobody whom we trust. */
export class UntrustedError extends Error {}

/**
 * A socket that is read in pieces of known length. The two probes speak to a server with it before any client library
 * is installed (docs/decisions/0059-probes-by-hand.md).
 */
export class Wire {
  /** @type {Buffer} */ #buffer = Buffer.alloc(0)
  /** @type {(() => void) | null} */ #wake = null
  /** @type {Error | null} */ #error = null
  #ended = false

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket
    this.#listen(socket)
  }

  /**
   * @param {{ host: string, port: number } | { path: string }} address
   * @param {boolean} [tls]
   * @returns {Promise<Wire>}
   */
  static async open(address, tls = false) {
    const socket = tls ? connectTls(address) : connect(address)
    await connected(socket)
    return new Wire(socket)
  }

  /** @param {string} host @param {import('node:tls').ConnectionOptions} options */
  async upgrade(host, options) {
    const plain = this.socket
    plain.removeAllListeners()
    const socket = connectTls({ socket: plain, host, servername: isIP(host) === 0 ? host : undefined, ...options })
    this.socket = socket
    this.#listen(socket)
    await connected(socket)
  }

  /** @param {import('node:net').Socket} socket */
  #listen(socket) {
    socket.on('data', (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      this.#wake?.()
    })
    socket.on('error', (error) => {
      this.#error = error
      this.#wake?.()
    })
    socket.on('close', () => {
      this.#ended = true
      this.#wake?.()
    })
  }

  /** @param {number} length */
  async take(length) {
    await this.#need(() => this.#buffer.length >= length)
    const piece = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return piece
  }

  /** A line without its CRLF. */
  async line() {
    await this.#need(() => this.#buffer.includes('\r\n'))
    const end = this.#buffer.indexOf('\r\n')
    const text = this.#buffer.subarray(0, end).toString()
    this.#buffer = this.#buffer.subarray(end + 2)
    return text
  }

  /** @param {() => boolean} enough */
  async #need(enough) {
    while (!enough()) {
      if (this.#error) throw this.#error
      if (this.#ended) throw Object.assign(new Error('it closed the connection'), { code: 'ECLOSED' })
      await /** @type {Promise<void>} */ (new Promise((resolve) => (this.#wake = resolve)))
    }
  }

  close() {
    this.socket.destroy()
  }
}

/** @param {import('node:net').Socket} socket */
function connected(socket) {
  /** @type {Promise<void>} */
  const settled = new Promise((resolve, reject) => {
    const secure = socket instanceof TLSSocket ? socket : null
    /** @param {Error} error */
    const failed = (error) => reject(secure?.authorizationError ? new UntrustedError(error.message) : error)
    socket.once('error', failed)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.off('error', failed)
      resolve()
    })
  })
  return settled
}

/**
 * Runs a probe for at most `milliseconds`. Everything that it opened is closed at the end.
 * @template T
 * @param {number} milliseconds
 * @param {(opened: (wire: Wire) => Wire) => Promise<T>} probe
 * @returns {Promise<T>}
 */
export async function withinTime(milliseconds, probe) {
  /** @type {Wire[]} */
  const wires = []
  let late = false
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => {
      late = true
      reject(Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' }))
    }, milliseconds)
  })
  try {
    const work = probe((wire) => {
      if (late) wire.close()
      wires.push(wire)
      return wire
    })
    return /** @type {T} */ (await Promise.race([work, timeout]))
  } finally {
    clearTimeout(timer)
    for (const wire of wires) wire.close()
  }
}

/**
 * What went wrong on the way to a server, in words for people.
 * @param {unknown} error
 */
export function describe(error) {
  const { code, message, errors } = /** @type {NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }} */ (error)
  switch (code ?? errors?.[0]?.code) {
    case 'ECONNREFUSED':
      return 'connection refused: nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'host unreachable'
    case 'ENOENT':
      return 'no such socket'
    default:
      return message || String(code)
  }
}
