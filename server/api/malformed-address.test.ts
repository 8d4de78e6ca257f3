import { expect, it } from 'vitest'
import { decodable } from './malformed-address'

it.each(['/', '/jobs/%20x?search=%', '/api/trpc/jobs.get?input=%7B', '/api/artifacts/x/%F0%9F%98%80', '/%00'])(
  'the address %s can be decoded and stays as it is',
  (address) => {
    expect(decodable(address)).toBe(address)
  },
)

it.each([
  ['/api/trpc/%E0%A4%A', '/api/malformed'],
  ['/api/artifacts/x/%', '/api/malformed'],
  ['/jobs/%FF?a=b', '/malformed'],
])('the address %s cannot be decoded and becomes %s, which does not exist', (address, nowhere) => {
  expect(decodable(address)).toBe(nowhere)
})
