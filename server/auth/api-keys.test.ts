import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { apiKeyPrefix, generateApiKey, hashApiKey } from './api-keys'

it('a key has the agreed form and no two are alike', () => {
  const keys = Array.from({ length: 200 }, () => generateApiKey('demo'))
  for (const key of keys) expect(key).toMatch(/^jy_demo_[0-9A-Za-z]{40}$/)
  expect(new Set(keys).size).toBe(200)
  expect(apiKeyPrefix('jy_live_abcdefgh')).toBe('jy_live_abcd')
})

it('what is stored is the SHA-256 of the whole key', () => {
  expect(hashApiKey('jy_live_x').toString('hex')).toBe(createHash('sha256').update('jy_live_x').digest('hex'))
})
