import { expect, it } from 'vitest'
import { artifactAt } from './artifact-route'

it('the address of an artifact contains its job and its file name, decoded', () => {
  expect(artifactAt('/api/artifacts/7/a%20b%2Fc.csv')).toEqual({ jobId: '7', name: 'a b/c.csv' })
})

it.each([
  '/api/artifacts/7',
  '/api/artifacts/7/',
  '/api/artifacts//x',
  '/api/artifacts/7/x/y',
  '/api/artifacts/7/%E0%A4%A',
  '/x/api/artifacts/7/x',
])('%s is no address of an artifact', (address) => {
  expect(artifactAt(address)).toBeNull()
})
