import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/**
 * Sends a request whose path cannot be decoded (`%E0%A4%A`) to an address that does not exist. The caller is at fault,
 * but Next.js would fail at the parameter of a dynamic route and answer 500.
 */
export function divertMalformedAddresses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    request.url = decodable(request.url ?? '/')
  })
}

/** The address itself where it can be decoded, else one of the same kind (API or page) that does not exist. */
export function decodable(address: string): string {
  try {
    decodeURIComponent(address.split('?', 1)[0]!)
    return address
  } catch {
    return address.startsWith('/api/') ? '/api/malformed' : '/malformed'
  }
}
