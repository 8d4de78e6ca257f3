import { expect, test } from 'vitest'
import { urlOf } from './address.mjs'

test.each([
  ['0.0.0.0', 'http://localhost:3000'],
  ['::', 'http://localhost:3000'],
  ['0:0:0:0:0:0:0:0', 'http://localhost:3000'],
  ['0', 'http://localhost:3000'],
  ['localhost', 'http://localhost:3000'],
  ['127.0.0.1', 'http://localhost:3000'],
  // "localhost" is not used for these, because it does not mean them on every machine.
  ['::1', 'http://[::1]:3000'],
  ['127.0.0.2', 'http://127.0.0.2:3000'],
  ['192.168.1.10', 'http://192.168.1.10:3000'],
  ['fd00::10', 'http://[fd00::10]:3000'],
  ['jobs.internal', 'http://jobs.internal:3000'],
])('a server that listens on %s is reached at %s', (host, url) => {
  expect(urlOf(host, 3000)).toBe(url)
})

test('an address has no port where it is the usual one of http', () => {
  expect(urlOf('0.0.0.0', 80)).toBe('http://localhost')
})
