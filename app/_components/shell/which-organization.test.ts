import { expect, test } from 'vitest'
import { missingOrganization } from './which-organization'

const member = (...ids: string[]) => ({
  systemAdmin: false,
  memberships: ids.map((id) => ({ id, name: id, slug: id, status: 'ACTIVE' as const, role: 'VIEWER' as const })),
})

test('an address without an organization gets the last one that its reader used', () => {
  expect(missingOrganization(member('a', 'b'), 'b')).toBe('b')
  expect(missingOrganization({ ...member(), systemAdmin: true }, 'b')).toBe('b')
})

test('somebody who has used no organization yet gets the first one, and a system admin gets all of them', () => {
  expect(missingOrganization(member('a', 'b'), undefined)).toBe('a')
  expect(missingOrganization({ ...member('a'), systemAdmin: true }, undefined)).toBe('all')
})

test('the last organization is not used after somebody has left it', () => {
  expect(missingOrganization(member('a', 'b'), 'c')).toBe('a')
  expect(missingOrganization(member('a', 'b'), 'all')).toBe('a')
})

test('the address of somebody with one organization, or none, stays as it is', () => {
  expect(missingOrganization(member('a'), 'b')).toBeNull()
  expect(missingOrganization(member(), undefined)).toBeNull()
})
