import { expect, test } from 'vitest'
import { organizationToAdd as toAdd } from './which-organization'

const member = (...ids: string[]) => ({
  systemAdmin: false,
  memberships: ids.map((id) => ({ id, name: id, slug: id, status: 'ACTIVE' as const, role: 'VIEWER' as const })),
})

const exists = (id: string) => Promise.resolve(id === 'a' || id === 'b')
const organizationToAdd = (who: Parameters<typeof toAdd>[0], lastUsed?: string) => toAdd(who, lastUsed, exists)

test('an address without an organization gets the last one that its reader used', async () => {
  expect(await organizationToAdd(member('a', 'b'), 'b')).toBe('b')
  expect(await organizationToAdd({ ...member(), systemAdmin: true }, 'b')).toBe('b')
})

test('somebody who has used no organization yet gets the first one, and a system admin gets all of them', async () => {
  expect(await organizationToAdd(member('a', 'b'), undefined)).toBe('a')
  expect(await organizationToAdd({ ...member('a'), systemAdmin: true }, undefined)).toBe('all')
})

test('the last organization is not used after somebody has left it', async () => {
  expect(await organizationToAdd(member('a', 'b'), 'c')).toBe('a')
  // A former system admin may have seen all of them last.
  expect(await organizationToAdd(member('a', 'b'), 'all')).toBe('a')
})

test('the address of somebody with one organization, or none, stays as it is', async () => {
  expect(await organizationToAdd(member('a'), 'b')).toBeNull()
  expect(await organizationToAdd(member(), undefined)).toBeNull()
})

test('a system admin whose last organization was in a database that is gone gets all organizations', async () => {
  expect(await organizationToAdd({ ...member(), systemAdmin: true }, 'gone')).toBe('all')
  expect(await organizationToAdd({ ...member(), systemAdmin: true }, 'all')).toBe('all')
})
