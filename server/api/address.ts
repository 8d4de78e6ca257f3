import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { getEnv } from '@/server/env'

const HEADER = 'x-forwarded-for'

/**
 * Makes this process append its peer's address to `X-Forwarded-For`, as every proxy does. A route handler of Next.js
 * sees only headers, and Next.js does not remove a header that the caller wrote.
 */
export function recordPeers(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    const peer = request.socket.remoteAddress
    const given = request.headers[HEADER]
    // A caller who has left has no peer address. Without this entry, the address that the caller claimed would count as
    // the peer's.
    request.headers[HEADER] = [given, peer ?? 'unknown'].filter(Boolean).join(', ')
  })
}

/**
 * The address from which a request comes, or null if it is not known. The audit and the sign-in throttle use it.
 *
 * Proxies append to `X-Forwarded-For`, so only the end of the header can be trusted. Counted from the end, the entries
 * of our own proxies come first (`TRUSTED_PROXIES`, 0 by default), and the next one is the caller. The caller may have
 * invented everything before that.
 */
export function clientAddress(headers: Headers, trustedProxies = getEnv().TRUSTED_PROXIES): string | null {
  const hops = (headers.get(HEADER) ?? '').split(',').map((hop) => hop.trim())
  return normalize(hops[Math.max(0, hops.length - 1 - trustedProxies)] ?? '')
}

/**
 * Writes an address in one form, without a port. An IPv4 address is written as such, although a socket says
 * `::ffff:10.0.0.1`. What is no IP address becomes null.
 */
function normalize(hop: string): string | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
  const address = bare.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  return isIP(address) ? address : null
}
