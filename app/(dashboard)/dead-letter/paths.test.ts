import { expect, test } from 'vitest'
import { drawerOfCause, jobsOfCause } from './paths'

const cause = { organizationId: 'o1', errorFingerprint: 'abc', jobTypes: ['a.b', 'c.d'] }

test('a link to the dead jobs of a cause has the status, the types and the cause, so it shows exactly what the figure counts', () => {
  expect(jobsOfCause(cause, { dead: true, chosen: 'o1' })).toBe('/jobs?status=DEAD_LETTER&type=a.b%2Cc.d&cause=abc')
  expect(jobsOfCause({ ...cause, jobTypes: undefined }, { dead: false, chosen: 'o1' })).toBe('/jobs?cause=abc')
})

test('on a page of all organizations, a link leads into the organization of its cause', () => {
  expect(jobsOfCause(cause, { dead: false, chosen: undefined })).toContain('org=o1')
  expect(drawerOfCause(cause, { chosen: undefined })).toBe('/dead-letter?cause=abc&of=a.b&org=o1')
  expect(drawerOfCause(cause, { chosen: 'o1' })).not.toContain('org')
})

test('a link to a cause that stays over all organizations names the organization whose jobs it opens', () => {
  expect(drawerOfCause(cause, { chosen: undefined, staysOverAll: true })).toBe('/dead-letter?cause=abc&of=a.b&at=o1')
})
