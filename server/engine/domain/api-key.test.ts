import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { apiKeyPrefix, generateApiKey, hashApiKey, isApiKey } from './api-key'

describe('an API key', () => {
  it('a new API key has the documented form, and no two are the same', () => {
    const keys = Array.from({ length: 200 }, () => generateApiKey('demo'))
    for (const key of keys) expect(key).toMatch(/^jy_demo_[0-9A-Za-z]{46}$/)
    expect(keys.every(isApiKey)).toBe(true)
    expect(new Set(keys).size).toBe(200)
    expect(apiKeyPrefix('jy_live_abcdefgh')).toBe('jy_live_abcd')
  })

  it('an API key ends in the CRC-32 of what stands before it, in base 62', () => {
    // Python's zlib gives 3974551342 for crc32('jy_live_' + 40 zeros).
    expect(generateApiKey('live', () => 0)).toBe(`jy_live_${'0'.repeat(40)}4KyoMo`)
  })

  it('a text with one wrong character is no API key', () => {
    const key = generateApiKey()
    for (let at = 0; at < key.length; at++) {
      const wrong = key.slice(0, at) + (key[at] === 'x' ? 'y' : 'x') + key.slice(at + 1)
      expect(isApiKey(wrong), `character ${at}`).toBe(false)
    }
    expect(isApiKey(key.slice(0, -1))).toBe(false)
    expect(isApiKey(`${key} `)).toBe(false)
  })

  it('an API key that was made before keys had checksums is valid', () => {
    expect(isApiKey(`jy_demo_${'a'.repeat(40)}`)).toBe(true)
  })

  it('an API key is stored as its SHA-256', () => {
    expect(hashApiKey('jy_live_x').toString('hex')).toBe(createHash('sha256').update('jy_live_x').digest('hex'))
  })
})
