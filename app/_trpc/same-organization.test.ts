import { expect, test } from 'vitest'
import { keptWithin } from './same-organization'

const keyOf = (input?: object) => ({ queryKey: [['metrics', 'overview'], { input, type: 'query' }] })

test('figures of another range stay until the new ones come, and those of another organization do not', () => {
  expect(keptWithin('a')('figures', keyOf({ organizationId: 'a', range: '1h' }))).toBe('figures')
  expect(keptWithin('a')('figures', keyOf({ organizationId: 'b', range: '1h' }))).toBeUndefined()
  expect(keptWithin('a')('figures', keyOf({ range: '1h' }))).toBeUndefined()
})

test('figures of all organizations stay for all, and not for one', () => {
  expect(keptWithin(undefined)('figures', keyOf({ range: '1h' }))).toBe('figures')
  expect(keptWithin(undefined)('figures', keyOf())).toBe('figures')
  expect(keptWithin(undefined)('figures', keyOf({ organizationId: 'a' }))).toBeUndefined()
})
