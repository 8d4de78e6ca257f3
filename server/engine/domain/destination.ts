import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

// Decides which addresses `http.request` jobs and webhooks of alerts may call, so that none of them reaches into the
// network of the installation.

/**
 * One entry of the allow list: a host name, or a range of addresses (its first address, and how many bits all of them
 * share). With a port, only that port is allowed.
 */
export type Allowed = { port: number | null } & ({ name: string } | { range: [ipaddr.IPv4 | ipaddr.IPv6, number] })

/** The place that a request would be sent to. */
export interface Destination {
  /** The host as the URL has it: a name, or an address. IPv6 may stand in brackets. */
  host: string
  port: number
}

const ranges = (list: string) =>
  list
    .trim()
    .split(/\s+/)
    .map((range) => ipaddr.parseCIDR(range))

/**
 * IPv4 ranges that are not public: IANA's special-purpose registry, multicast, and reserved addresses. All other IPv4
 * addresses are public.
 */
const CLOSED_IPV4 = ranges(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
  192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`)
/** This address counts as public, but Azure answers on it to the machine that it runs. */
CLOSED_IPV4.push(...ranges('168.63.129.16/32'))

/**
 * Only this range of IPv6 is handed out for public use. Everything else is closed without being listed: forms that
 * carry an IPv4 address (compatible, NAT64), unique local, link-local, site-local, multicast, and what has no use yet.
 */
const OPEN_IPV6 = ranges('2000::/3')
/**
 * Parts of that range that are not public: protocols (Teredo, ORCHID, benchmarking), documentation, 6to4, AS112, and
 * the former 6bone.
 */
const CLOSED_IPV6 = ranges('2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3ffe::/16 3fff::/20')

/** A host name, or `*.` before one. */
const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/

/**
 * Reads a list such as `billing.internal, *.svc.local:8080, 10.1.0.0/16, 127.0.0.1:4000, [::1]:4000`.
 *
 * @throws Error that names the wrong entry and says what it should be
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
  // A name whose last part is all digits is a mistyped address, and URL would read it as an address.
  return bracketed === undefined && NAME.test(host) && !/(?:^|\.)\d+$/.test(host) ? { name: host, port } : undefined
}

function single(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.process(address)
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128]
}

/** True where the allow list has the host by name. Then every address that the name resolves to is allowed. */
export const allowsName = (allow: readonly Allowed[], { host, port }: Destination): boolean =>
  allow.some(
    (entry) =>
      'name' in entry &&
      portAllowed(entry.port, port) &&
      matchesName(entry.name, host.toLowerCase().replace(/\.$/, '')),
  )

/**
 * True where a connection to this address may be made, because it is on the public internet or on the allow list.
 * Private, loopback, link-local (with the metadata services of clouds), carrier and reserved addresses are closed, also
 * when they are written as IPv6 (mapped, compatible, 6to4, NAT64, Teredo, ISATAP).
 */
export function allowsAddress(allow: readonly Allowed[], address: string, port: number): boolean {
  if (isIP(address) === 0) return false
  // ipaddr.js reads ::1.2.3.4 as ::ffff:1.2.3.4, but the network does not.
  const parsed = ipaddr.process(address.replace(/^::(?=\d+\.)/, '::0:'))
  if (isPublic(parsed)) return true
  return allow.some((entry) => 'range' in entry && portAllowed(entry.port, port) && inAnyRange(parsed, [entry.range]))
}

/** The caller converts IPv4-mapped addresses to IPv4 first. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (!(address instanceof ipaddr.IPv6)) return !inAnyRange(address, CLOSED_IPV4)
  // An address with a zone belongs to one of this machine's own networks.
  return (
    address.zoneId === undefined &&
    inAnyRange(address, OPEN_IPV6) &&
    !inAnyRange(address, CLOSED_IPV6) &&
    !isIsatap(address)
  )
}

/**
 * True for an ISATAP tunnel, which is recognized by the last 64 bits in any network. The IPv4 address behind it may be
 * private.
 */
const isIsatap = ({ parts }: ipaddr.IPv6): boolean => parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200)

const inAnyRange = (address: ipaddr.IPv4 | ipaddr.IPv6, list: [ipaddr.IPv4 | ipaddr.IPv6, number][]): boolean =>
  ipaddr.subnetMatch(address, { listed: list }, 'no') === 'listed'

/** True for names that always mean this machine itself (RFC 6761). */
export const isLoopbackName = (host: string): boolean => /(?:^|\.)localhost\.?$/i.test(host)

const portAllowed = (allowed: number | null, port: number) => allowed === null || allowed === port
const matchesName = (name: string, host: string) =>
  name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name
