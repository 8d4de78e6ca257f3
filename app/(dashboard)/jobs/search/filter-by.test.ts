import { expect, test } from 'vitest'
import { MASK } from '@/server/engine/domain/mask'
import { NO_QUESTION, toFilter } from '../filters'
import { filterBy } from './filter-by'

const filterOf = (href: string | null) =>
  toFilter(
    { ...NO_QUESTION, arg: new URLSearchParams(href?.split('?')[1]).getAll('arg') },
    { organizationId: undefined, userId: null },
    0,
  )

test('a value among a job’s parameters links to the jobs that have the same value at the same place', () => {
  expect(filterOf(filterBy(['order', 'id'], 'A 1'))).toEqual({ args: [{ path: 'order.id', value: 'A 1' }] })
  expect(filterOf(filterBy(['lines', '0', 'n'], 7))).toEqual({ args: [{ path: 'lines.0.n', values: [7, '7'] }] })
  expect(filterOf(filterBy(['status'], true))).toEqual({ args: [{ path: 'status', values: [true, 'true'] }] })
  expect(filterOf(filterBy(['none'], null))).toEqual({ args: [{ path: 'none', values: [null, 'null'] }] })
})

test('a name with a dot is searched for as one name, and a path that looks like a mistyped condition as that path', () => {
  expect(filterOf(filterBy(['http.status'], 'x'))).toEqual({ args: [{ path: '"http.status"', value: 'x' }] })
  expect(filterOf(filterBy(['span', 'http.status', 'of'], 'x'))).toEqual({
    args: [{ path: 'span."http.status".of', value: 'x' }],
  })
  expect(filterOf(filterBy(['stat', 'us'], 'x'))).toEqual({ args: [{ path: 'stat.us', value: 'x' }] })
})

test('a value that cannot be searched for has no link', () => {
  expect(filterBy([], 1)).toBeNull()
  expect(filterBy(['secret'], MASK)).toBeNull()
  expect(filterBy(['a', ''], 1)).toBeNull()
  // The API takes values of at most 600 bytes.
  expect(filterBy(['a'], 'x'.repeat(700))).toBeNull()
})
