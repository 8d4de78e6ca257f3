import { expect, test } from 'vitest'
import { whoOptions } from './who-options'

test('who can be chosen is everybody who did something, and the members and keys that are not among them, by name', () => {
  const actors = [
    { id: 'p1', name: 'Zoe, as she was called', type: 'user' as const },
    { id: 'k1', name: 'Shop', type: 'key' as const },
    { id: null, name: 'System', type: 'system' as const },
  ]
  const members = [
    { userId: 'p1', name: 'Zoe', email: 'zoe@example.com' },
    { userId: 'p2', name: null, email: 'ada@example.com' },
    { userId: null, name: 'Invited', email: 'invited@example.com' },
  ]
  const keys = [
    { id: 'k1', name: 'Shop' },
    { id: 'k2', name: 'Nightly' },
  ]
  expect(whoOptions(actors, members, keys)).toEqual([
    { value: 'p2', label: 'ada@example.com' },
    { value: 'k2', label: 'Nightly (API key)' },
    { value: 'k1', label: 'Shop (API key)' },
    { value: 'p1', label: 'Zoe, as she was called' },
  ])
})
