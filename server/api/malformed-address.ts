import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/**
 * Sends a request whose path cannot be decoded (`%E0%A4%A`) to an address that does not exist. Otherwise Next.js would
 * fail at the parameter of a dynamic route and answer 500, although the caller is at fault.
 */
export function divertMalformedAddresses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    request.url = decodable(request.url ?? '/')
  })
}

/**
 * Returns the address if it can be decoded. Otherwise returns one of the same kind (API or page) that does not exist.
 */
export function decodable(address: string): string {
  try {
    decodeURIComponent(address.split('?', 1)[0]!)
    return address
  } catch {
    return address.startsWith('/api/') ? '/api/malformed' : '/malformed'
  }
}
