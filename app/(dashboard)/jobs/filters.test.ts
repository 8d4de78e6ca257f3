import { expect, test } from 'vitest'
import { hasConditions, isAskable, isFiltered, NO_QUESTION, questionOf, toFilter } from './filters'

const none = NO_QUESTION
const organizationId = 'o'

test('the filter “Mine” waits until it is known who asks, and differs from the list of everybody’s jobs', () => {
  expect(isAskable(none, null)).toBe(true)
  expect(isAskable({ ...none, mine: true }, null)).toBe(false)
  expect(isAskable({ ...none, mine: true }, 'u')).toBe(true)
  const question = (mine: boolean, userId: string | null) => questionOf({ ...none, mine }, { organizationId, userId })
  expect(question(true, 'u')).not.toBe(question(false, 'u'))
  expect(question(true, 'u')).not.toBe(question(true, null))
})

test('filters that ask the server the same thing count as one question, and others as another', () => {
  const scope = { organizationId, userId: 'u' }
  expect(questionOf({ ...none, q: 'ab' }, scope)).toBe(questionOf(none, scope))
  expect(questionOf({ ...none, since: '1h' }, scope)).not.toBe(questionOf({ ...none, since: '6h' }, scope))
  expect(questionOf(none, { ...scope, organizationId: undefined })).not.toBe(questionOf(none, scope))
})

test('a list for one cause asks for the jobs whose last error has that cause, and counts as filtered', () => {
  expect(toFilter({ ...none, cause: 'abc' }, { organizationId, userId: 'u' }, 0)).toMatchObject({
    errorFingerprint: 'abc',
  })
  expect([none, { ...none, cause: 'abc' }].map(isFiltered)).toEqual([false, true])
})

test('a list for a bulk action or a request asks for exactly the jobs of that action or request', () => {
  const scope = { organizationId, userId: 'u' }
  expect(toFilter({ ...none, bulk: 'b' }, scope, 0)).toEqual({ organizationId, bulkId: 'b' })
  expect(toFilter({ ...none, request: 'r' }, scope, 0)).toEqual({ organizationId, requestId: 'r' })
  expect(
    [
      { ...none, bulk: 'b' },
      { ...none, request: 'r' },
    ].map(isFiltered),
  ).toEqual([true, true])
})

test('an address whose filters are all left out asks for every job, so nothing is offered for “all that match”', () => {
  const conditions = (filters: object) =>
    hasConditions(toFilter({ ...none, ...filters }, { organizationId, userId: 'u' }, 0))
  expect([{}, { q: 'ab' }, { arg: ['x'] }, { q: ' a ', arg: ['x', ''] }].map(conditions)).toEqual(Array(4).fill(false))
  expect([{ q: 'abc' }, { arg: ['x:1'] }, { q: 'ab', mine: true }].map(conditions)).toEqual(Array(3).fill(true))
})
