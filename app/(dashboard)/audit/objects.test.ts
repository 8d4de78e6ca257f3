import { expect, test } from 'vitest'
import { entriesOf, kindLabel, objectPath } from './objects'

/** The page of an object. The action `x.y` stands for any that has no meaning of its own here. */
const path = (targetType: string, targetId: string, action = 'x.y', after: unknown = null) =>
  objectPath({ action, targetType, targetId, organizationId: 'o', before: null, after })

test('an entry links to the page of its object', () => {
  expect(path('jobType', 'report.monthly')).toBe('/job-types/report.monthly')
  expect(path('bulk', 'b1')).toBe('/bulk/b1')
  expect(path('schedule', 's1')).toBe('/schedules/s1')
  expect(path('alert', 'a1')).toBe('/alerts/a1')
  expect(path('worker', 'w1')).toBe('/workers?worker=w1')
  expect(path('circuit', 'report.monthly')).toBe('/circuits')
  expect(path('apiKey', 'k1')).toBe('/organization?tab=keys')
  expect(path('cause', 'report.monthly 3f9a')).toBe('/dead-letter?cause=3f9a&of=report.monthly')
})

test('a change of limits links to the limits, and any other change of an organization to its settings', () => {
  expect(path('organization', 'o', 'organization.update', { maxConcurrent: 3 })).toBe('/organization?tab=limits')
  expect(path('organization', 'o', 'organization.suspend', { status: 'SUSPENDED' })).toBe('/organization?tab=settings')
})

test('an entry of the audit about something deleted has no link to a page', () => {
  expect(path('job', 'j1', 'job.delete')).toBeNull()
  expect(path('schedule', 's1', 'schedule.delete')).toBeNull()
  expect(path('alert', 'a1', 'alert.delete')).toBeNull()
  expect(path('job', 'j1')).toBe('/jobs/j1')
})

test('a kind of object that only a later version knows has no page, and is shown by its own name', () => {
  expect(path('moon', 'm1')).toBeNull()
  expect(kindLabel('moon')).toBe('moon')
})

test('the address of the entries about one object has its kind and id', () => {
  expect(entriesOf('jobType', 'a b')).toBe('/audit?kind=jobType&object=a+b')
})
