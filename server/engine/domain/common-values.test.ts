import { expect, test } from 'vitest'
import { valuesInCommon } from './common-values'
import { MASK } from './mask'

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

test('A value that nine of ten dead letters share and few other jobs have is told with its counts', () => {
  const ours = times(10, (n) => ({ customer: { name: n === 0 ? 'Acme' : 'Hooli' }, n, currency: 'EUR' }))
  const others = times(20, (n) => ({ customer: { name: n === 3 ? 'Hooli' : `Customer ${n}` }, n, currency: 'EUR' }))
  expect(valuesInCommon(ours, others)).toEqual([
    { path: 'customer.name', value: 'Hooli', count: 9, of: 10, others: { count: 1, of: 20 } },
  ])
})

test('A name with a dot of its own is told apart from two names', () => {
  const ours = times(4, () => ({ 'http.status': 502, http: { status: 'late' } }))
  expect(valuesInCommon(ours, []).map(({ path, value }) => [path, value])).toEqual([
    ['"http.status"', 502],
    ['http.status', 'late'],
  ])
})

test('Values that all jobs of the type have, or only half of the dead letters, are not told', () => {
  const ours = times(10, (n) => ({ kind: 'report', region: n < 5 ? 'eu' : 'us' }))
  expect(
    valuesInCommon(
      ours,
      times(10, () => ({ kind: 'report', region: 'asia' })),
    ),
  ).toEqual([])
})

test('a masked value is never among the values in common', () => {
  const ours = times(4, () => ({ token: MASK, list: [MASK, 'x'] }))
  expect(valuesInCommon(ours, [{ token: 'else' }])).toEqual([
    { path: 'list.1', value: 'x', count: 4, of: 4, others: { count: 0, of: 1 } },
  ])
})

test('A single job has nothing in common with others of its cause', () => {
  expect(valuesInCommon([{ a: 1 }], [])).toEqual([])
})

test('Values of another type are other values, and null is a value like any other', () => {
  const ours = [
    { a: 1, b: null },
    { a: '1', b: null },
    { a: 1, b: null },
  ]
  expect(valuesInCommon(ours, []).map(({ path, value, count }) => [path, value, count])).toEqual([
    ['b', null, 3],
    ['a', 1, 2],
  ])
})
