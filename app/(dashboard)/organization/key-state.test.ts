import { expect, test } from 'vitest'
import type { ApiKey } from '@/app/_trpc/types'
import { endsSoon, expiryOf, inView, isUnused, keyState } from './key-state'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-29T12:00:00Z')
const at = (days: number) => new Date(NOW + days * DAY).toISOString()

const key = (changes: Partial<ApiKey> = {}): ApiKey => ({
  id: '0190c7a1-0000-7000-8000-000000000001',
  organizationId: '0190c7a1-0000-7000-8000-000000000002',
  name: 'Shop',
  role: 'OPERATOR',
  prefix: 'jy_abcdefghi',
  callsPerSecond: 100,
  createdAt: at(-200),
  createdBy: null,
  expiresAt: null,
  lastUsedAt: at(-1),
  unusedForDays: 1,
  revokedAt: null,
  revokedBy: null,
  ...changes,
})

test('a key is live until it is revoked or its expiry has come', () => {
  expect(keyState(key(), NOW)).toBe('live')
  expect(keyState(key({ expiresAt: at(1) }), NOW)).toBe('live')
  expect(keyState(key({ expiresAt: at(0) }), NOW)).toBe('expired')
  expect(keyState(key({ expiresAt: at(-1), revokedAt: at(-2) }), NOW)).toBe('revoked')
})

test('a key counts as unused after 90 whole days without a call', () => {
  expect(isUnused(key({ unusedForDays: 89 }))).toBe(false)
  expect(isUnused(key({ unusedForDays: 90 }))).toBe(true)
})

test('a key that ends within 14 days is marked, unless it has already ended or never ends', () => {
  expect(endsSoon(key({ expiresAt: at(13) }), NOW)).toBe(true)
  expect(endsSoon(key({ expiresAt: at(14) }), NOW)).toBe(false)
  expect(endsSoon(key({ expiresAt: at(-1) }), NOW)).toBe(false)
  expect(endsSoon(key(), NOW)).toBe(false)
})

test('live and ended keys have one view each, and unused keys are live ones', () => {
  const unused = key({ unusedForDays: 100 })
  const revoked = key({ lastUsedAt: at(-100), revokedAt: at(-1) })
  const views = (of: ApiKey) => (['live', 'unused', 'ended'] as const).filter((view) => inView(of, view, NOW))
  expect(views(key())).toEqual(['live'])
  expect(views(unused)).toEqual(['live', 'unused'])
  expect(views(revoked)).toEqual(['ended'])
  expect(views(key({ expiresAt: at(-1) }))).toEqual(['ended'])
})

test('a new key ends after the chosen number of days, or never', () => {
  expect(expiryOf('30', NOW)).toBe('2026-12-29T12:00:00.000Z')
  expect(expiryOf('never', NOW)).toBeNull()
})
