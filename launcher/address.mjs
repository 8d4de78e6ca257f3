import { isIP } from 'node:net'

/**
 * The URL by which a program on this machine reaches a server that listens on `host` (HOST). It is "localhost" only
 * where that is one of the server's addresses. Addresses that are written in an unusual way ("0", "127.1") are
 * recognized.
 * @param {string} host
 * @param {number} port
 */
export function urlOf(host, port) {
  const url = new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`)
  if (['0.0.0.0', '127.0.0.1', '[::]'].includes(url.hostname)) url.hostname = 'localhost'
  return url.href.replace(/\/$/, '')
}
