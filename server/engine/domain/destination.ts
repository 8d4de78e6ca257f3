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

const ranges = (list: string) =>
  list
    .trim()
    .split(/\s+/)
    .map((range) => ipaddr.parseCIDR(range))

/** Of IPv4 everything is public but these: IANA's special-purpose registry, multicast, and what is reserved. */
const CLOSED_IPV4 = ranges(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
  192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`)
/** Public by its number, and yet a cloud's own: Azure answers here for the machine it runs. */
CLOSED_IPV4.push(...ranges('168.63.129.16/32'))

/**
 * Of IPv6 nothing is public but what is handed out for it. So what carries an IPv4 address (compatible, NAT64), unique
 * local, link-local, site-local, multicast and everything that has no use yet are closed without being listed.
 */
const OPEN_IPV6 = ranges('2000::/3')
/** But for these: protocols' own (with Teredo, ORCHID, benchmarking), documentation, 6to4, AS112, and the 6bone that is no more. */
const CLOSED_IPV6 = ranges('2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3ffe::/16 3fff::/20')

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
      if (!allowed)
        throw new Error(
          `holds "${entry}"; it takes names, addresses and ranges, such as billing.internal, *.svc.local, 127.0.0.1:4000, 10.1.0.0/16`,
        )
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
  allow.some(
    (entry) =>
      'name' in entry && fits(entry.port, port) && matchesName(entry.name, host.toLowerCase().replace(/\.$/, '')),
  )

/**
 * True where a connection to this address may be made: it is of the public internet, or allowed.
 * Private, loopback, link-local (with the clouds' metadata services), carrier and reserved ones are not,
 * also written as IPv6 (mapped, compatible, 6to4, NAT64, Teredo, ISATAP).
 */
export function allowsAddress(allow: readonly Allowed[], address: string, port: number): boolean {
  if (isIP(address) === 0) return false
  // ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4; the network does not.
  const parsed = ipaddr.process(address.replace(/^::(?=\d+\.)/, '::0:'))
  if (isPublic(parsed)) return true
  return allow.some((entry) => 'range' in entry && fits(entry.port, port) && within(parsed, [entry.range]))
}

/** An IPv4-mapped address is to be given as the IPv4 address that it is. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (!(address instanceof ipaddr.IPv6)) return !within(address, CLOSED_IPV4)
  // A zone names one of this machine's own networks.
  return (
    address.zoneId === undefined && within(address, OPEN_IPV6) && !within(address, CLOSED_IPV6) && !isIsatap(address)
  )
}

/** A tunnel's end by its last 64 bits, whatever network they stand in: the IPv4 address behind it may be a private one. */
const isIsatap = ({ parts }: ipaddr.IPv6): boolean => parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200)

const within = (address: ipaddr.IPv4 | ipaddr.IPv6, list: [ipaddr.IPv4 | ipaddr.IPv6, number][]): boolean =>
  ipaddr.subnetMatch(address, { listed: list }, 'no') === 'listed'

/** True for the names that stand for this machine itself, wherever they are looked up (RFC 6761). */
export const isLoopbackName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host)

const fits = (allowed: number | null, port: number) => allowed === null || allowed === port
const matchesName = (name: string, host: string) =>
  name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name
