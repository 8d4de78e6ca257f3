import { expect, test } from 'vitest'
import { isFiltered, toInput, type Params } from './params'

const none: Params = {
  person: null,
  action: null,
  kind: null,
  object: null,
  since: null,
  after: null,
  before: null,
  platform: false,
  cursor: null,
  entry: null,
}
const now = Date.parse('2026-11-29T12:00:30Z')
const ask = (params: Partial<Params>, organizationId?: string) => toInput({ ...none, ...params }, organizationId, now)

test('without a filter, the page asks for all entries of the organization', () => {
  expect(ask({}, 'o1')).toEqual({ organizationId: 'o1' })
  expect(ask({})).toEqual({})
  expect(isFiltered(none)).toBe(false)
})

test('entries that belong to no organization can only be asked for where all organizations are shown', () => {
  expect(ask({ platform: true })).toEqual({ organizationId: null })
  expect(ask({ platform: true }, 'o1')).toEqual({ organizationId: 'o1' })
})

test('the filters of the page are sent to the server under the server’s own names', () => {
  expect(ask({ person: 'p', action: 'jobType.update', kind: 'jobType', object: 'a.b' })).toEqual({
    actorId: 'p',
    action: 'jobType.update',
    targetType: 'jobType',
    targetId: 'a.b',
  })
})

test('the last 24 hours begin at a whole minute, so that the page sends the same filter for a minute', () => {
  expect(ask({ since: '24h' })).toEqual({ after: '2026-11-28T12:00:00.000Z' })
})

test('the two times of a filter are sent as the URL has them', () => {
  const [after, before] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-02T00:00:00Z')]
  expect(ask({ after, before })).toEqual({ after: after.toISOString(), before: before.toISOString() })
  expect(isFiltered({ ...none, before })).toBe(true)
})
