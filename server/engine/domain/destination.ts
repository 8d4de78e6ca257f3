import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** One entry of the allow list: a name, or a range of addresses; a port where only that one is meant. */
export type Allowed = { port: number | null } & ({ name: string } | { range: [ipaddr.IPv4 | ipaddr.IPv6, number] })

/** Where a request would go. */
export interface Destination {
  /** As in the URL: a name, or an address (IPv6 in brackets or not). */
  host: string
  port: number
}

/** Public by their number, and yet a cloud's own: Azure answers here for the machine it runs. */
const NEVER_PUBLIC = new Set(['168.63.129.16'])
const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/

/**
 * Reads a list such as `billing.internal, *.svc.local:8080, 10.1.0.0/16, 127.0.0.1:4000, [::1]:4000`.
 *
 * @throws Error that names the entry and what it should be.
 */
export function parseAllowList(text: string): Allowed[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const allowed = parseEntry(entry.toLowerCase())
      if (!allowed) throw new Error(`holds "${entry}"; it takes names, addresses and ranges, such as billing.internal, *.svc.local, 127.0.0.1:4000, 10.1.0.0/16`)
      return allowed
    })
}

function parseEntry(entry: string): Allowed | undefined {
  if (entry.includes('/')) {
    const [address = '', bits = ''] = entry.split('/')
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || !ipaddr.isValidCIDR(entry)) return undefined
    return { range: ipaddr.parseCIDR(entry), port: null }
  }
  if (isIP(entry) === 6) return { range: single(entry), port: null }
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? []
  const port = digits === undefined ? null : Number(digits)
  if (port !== null && (port < 1 || port > 65_535)) return undefined
  const host = bracketed ?? plain ?? ''
  if (isIP(host) !== 0) return { range: single(host), port }
  // All digits at the end: a mistyped address, which URL would read as one.
  return bracketed === undefined && NAME.test(host) && !/(?:^|\.)\d+$/.test(host) ? { name: host, port } : undefined
}

function single(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.process(address)
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
}

/** True where the destination is allowed by its name, so that whatever it resolves to is. */
export const allowsName = (allow: readonly Allowed[], { host, port }: Destination): boolean =>
  allow.some((entry) => 'name' in entry && fits(entry.port, port) && matchesName(entry.name, host.toLowerCase().replace(/\.$/, '')))

/**
 * True where a connection to this address may be made: it is of the public internet, or allowed.
 * Private, loopback, link-local (with the clouds' metadata services), carrier and reserved ones are not,
 * also written as IPv6 (mapped, 6to4, NAT64, Teredo).
 */
export function allowsAddress(allow: readonly Allowed[], address: string, port: number): boolean {
  if (isIP(address) === 0) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() === 'unicast' && !NEVER_PUBLIC.has(parsed.toString())) return true
  return allow.some((entry) => 'range' in entry && fits(entry.port, port) && ipaddr.subnetMatch(parsed, { allowed: [entry.range] }, 'no') === 'allowed')
}

const fits = (allowed: number | null, port: number) => allowed === null || allowed === port
const matchesName = (name: string, host: string) => (name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name)
