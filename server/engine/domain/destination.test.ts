import { describe, expect, test } from 'vitest'
import { allowsAddress, allowsName, isLoopbackName, parseAllowList } from './destination'

describe('an address', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.0.9'],
    ['loopback', '::1'],
    ['private', '10.0.0.1'],
    ['private', '172.31.255.1'],
    ['private', '192.168.1.1'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local, metadata', '169.254.169.254'],
    ['link-local', 'fe80::1'],
    ['carrier, metadata', '100.100.100.200'],
    ['metadata of Azure', '168.63.129.16'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '::'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.9'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped', '::ffff:7f00:1'],
    ['IPv4-mapped', '::ffff:a9fe:a9fe'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:1::'],
    ['site-local', 'fec0::1'],
    ['with a zone', 'fe80::1%eth0'],
    ['with a zone', '2606:4700::1111%eth0'],
    ['IPv4-compatible', '::7f00:1'],
    ['IPv4-compatible, public', '::8.8.8.8'],
    ['translated', '::ffff:0:7f00:1'],
    ['NAT64', '64:ff9b::169.254.169.254'],
    ['unassigned', '4000::1'],
    ['unassigned', '1::1'],
    ['unassigned', '1fff:ffff::1'],
    ['unassigned', '8000::1'],
    ['unassigned', 'a000::1'],
    ['unassigned', 'e000::1'],
    ['unassigned', 'fe00::1'],
    ['segment routing', '5f00::1'],
    ['discard', '100::1'],
    ['discard', '100:0:0:1::1'],
    ['unique local', 'fc00::1'],
    ['link-local', 'febf::1'],
    ['site-local', 'feff::1'],
    ['multicast', 'ff0e::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['documentation', '3fff:fff:ffff::1'],
    ['Teredo', '2001:0:7f00:1::1'],
    ['benchmarking', '2001:2::1'],
    ['ORCHID', '2001:10::1'],
    ['ORCHID', '2001:20::1'],
    ['6to4', '2002:a9fe:a9fe::1'],
    ['6bone', '3ffe::1'],
    ['ISATAP', '2606:4700::5efe:10.0.0.1'],
    ['ISATAP', '2606:4700::200:5efe:7f00:1'],
    ['this network', '0.1.2.3'],
    ['carrier', '100.64.0.1'],
    ['carrier', '100.127.255.255'],
    ['protocols', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['AS112', '192.31.196.1'],
    ['AMT', '192.52.193.1'],
    ['6to4 relay', '192.88.99.1'],
    ['AS112', '192.175.48.1'],
    ['benchmarking', '198.19.255.255'],
    ['documentation', '198.51.100.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '255.255.255.254'],
    ['private', '172.16.0.1'],
    ['not an address', 'localhost'],
    ['not an address', '127.1'],
  ])('an address of the kind "%s" is refused as a destination: %s', (_, address) => {
    expect(allowsAddress([], address, 443)).toBe(false)
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '2000::1',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2003::1',
    '2a00:1450::1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '198.17.0.1',
    '198.20.0.1',
    '223.255.255.255',
    '168.63.129.17',
  ])('an address on the public internet is accepted as a destination: %s', (address) => {
    expect(allowsAddress([], address, 443)).toBe(true)
  })

  test('an address on the allow list is accepted, at the port that the list gives', () => {
    const allow = parseAllowList('127.0.0.1:4000, 10.1.0.0/16\n[::1]:4000 fd00::/8')
    for (const [address, port] of [
      ['127.0.0.1', 4000],
      ['::ffff:127.0.0.1', 4000],
      ['::1', 4000],
      ['10.1.2.3', 5432],
      ['fd12::1', 80],
    ] as const) {
      expect(allowsAddress(allow, address, port), address).toBe(true)
    }
    expect(allowsAddress(parseAllowList('4000::/16, 64:ff9b::/96, ::/96'), '4000::1', 1)).toBe(true)
    expect(allowsAddress(parseAllowList('64:ff9b::/96'), '64:ff9b::a00:1', 1)).toBe(true)
    for (const [address, port] of [
      ['127.0.0.1', 5432],
      ['127.0.0.2', 4000],
      ['::1', 80],
      ['10.2.0.1', 80],
      ['fe80::1', 80],
    ] as const) {
      expect(allowsAddress(allow, address, port), address).toBe(false)
    }
  })
})

test('names that mean this machine are recognized by their spelling', () => {
  for (const host of ['localhost', 'LOCALHOST.', 'a.localhost']) expect(isLoopbackName(host), host).toBe(true)
  for (const host of ['localhost.example', 'mylocalhost', 'local']) expect(isLoopbackName(host), host).toBe(false)
})

test('a name on the allow list allows that host only, and *.name allows every host below it', () => {
  const allow = parseAllowList('Billing.internal, *.svc.local:8080')
  const allows = (host: string, port = 8080) => allowsName(allow, { host, port })
  for (const host of ['billing.internal', 'BILLING.internal.', 'a.svc.local', 'a.b.svc.local'])
    expect(allows(host), host).toBe(true)
  for (const host of [
    'x.billing.internal',
    'billing.internal.evil.example',
    'svc.local',
    '.svc.local',
    'asvc.local',
    'localhost',
  ])
    expect(allows(host), host).toBe(false)
  expect(allows('a.svc.local', 80)).toBe(false)
  // A name on the list opens no address by itself. Otherwise any other name could be pointed at that address and reach
  // it.
  expect(allowsAddress(allow, '127.0.0.1', 8080)).toBe(false)
})

test.each([
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/',
  '127.1',
  '1.2.3.4.5',
  'http://a.example',
  'a.example:0',
  'a.example:70000',
  '*',
  '*.*.a',
  'a..b',
  '[::1',
  '::1]:3',
  'ä.example',
  'a_b/8',
])('an allow list with the entry %s is refused, and the error names the entry', (entry) => {
  expect(() => parseAllowList(`good.example, ${entry}`)).toThrow(entry)
})

test('an allow list of separators only has no entries', () => {
  expect(parseAllowList(' , \n')).toEqual([])
})
