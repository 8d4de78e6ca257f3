import { createServer, request } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { clientAddress, recordPeers } from './address'

const of = (forwarded: string | undefined, trusted = 0) =>
  clientAddress(new Headers(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }), trusted)

describe('where a request comes from', () => {
  it('without proxies of our own, a request comes from its peer, whatever the caller claims', () => {
    expect(of('10.0.0.1')).toBe('10.0.0.1')
    expect(of('1.2.3.4, 5.6.7.8, 10.0.0.1')).toBe('10.0.0.1')
  })

  it('behind our proxies, a request comes from what the outermost saw, and one that passed none from its peer', () => {
    expect(of('1.2.3.4, 203.0.113.9, 10.0.0.1', 1)).toBe('203.0.113.9')
    expect(of('1.2.3.4, 203.0.113.9, 10.0.0.2, 10.0.0.1', 2)).toBe('203.0.113.9')
    expect(of('10.0.0.1', 1)).toBe('10.0.0.1')
  })

  it('two spellings of one IP address become the same', () => {
    expect(of('::ffff:10.0.0.1')).toBe('10.0.0.1')
    expect(of('203.0.113.9:4711')).toBe('203.0.113.9')
    expect(of('[2001:DB8::1]:443')).toBe('2001:db8::1')
    expect(of('::1')).toBe('::1')
  })

  it('the address of a request is null if it is not known', () => {
    expect(of(undefined)).toBeNull()
    expect(of('')).toBeNull()
    expect(of('unknown')).toBeNull()
    expect(of("'; DROP TABLE audit_events; --")).toBeNull()
  })
})

it('a server appends the address of its peer to what the caller wrote into X-Forwarded-For', async () => {
  recordPeers()
  const server = createServer((incoming, response) => response.end(incoming.headers['x-forwarded-for']))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ask = async (headers: Record<string, string>) => {
    const asked = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', headers })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const part of answer) text += String(part)
    return text
  }
  expect(await ask({ 'x-forwarded-for': '1.2.3.4' })).toBe('1.2.3.4, 127.0.0.1')
  expect(await ask({})).toBe('127.0.0.1')
  server.close()
})
