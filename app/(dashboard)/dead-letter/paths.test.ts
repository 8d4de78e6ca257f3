import { expect, test } from 'vitest'
import { drawerOfCause, jobsOfCause } from './paths'

const cause = { organizationId: 'o1', errorFingerprint: 'abc', jobTypes: ['a.b', 'c.d'] }

test('a link to the dead jobs of a cause names status, types and cause, which is all that its figure counts', () => {
  expect(jobsOfCause(cause, { dead: true, chosen: 'o1' })).toBe('/jobs?status=DEAD_LETTER&type=a.b%2Cc.d&cause=abc')
  expect(jobsOfCause({ ...cause, jobTypes: undefined }, { dead: false, chosen: 'o1' })).toBe('/jobs?cause=abc')
})

test('from a page of all organizations a link leads into the organization of its cause', () => {
  expect(jobsOfCause(cause, { dead: false, chosen: undefined })).toContain('org=o1')
  expect(drawerOfCause(cause, { chosen: undefined })).toBe('/dead-letter?cause=abc&of=a.b&org=o1')
  expect(drawerOfCause(cause, { chosen: 'o1' })).not.toContain('org')
})
