import { expect, test } from 'vitest'
import { crewOf } from './crew'
import { parsePools } from './pools'

test('a list of pools is read in any order, each pool once', () => {
  expect(parsePools(' reports,default , reports')).toEqual(['default', 'reports'])
})

test.each(['', 'reports,', 'Reports', 'a b', ',default', `${'x'.repeat(101)}`])(
  'a list of pools is refused where one of its entries is no name of a pool: "%s"',
  (text) => expect(() => parsePools(text)).toThrow(/names of worker pools/),
)

test('workers are one crew exactly when they take the same pools and have the same handlers', () => {
  const crew = crewOf(['reports', 'default'], ['b', 'a'])
  expect(crewOf(['default', 'reports'], ['a', 'b']).name).toBe(crew.name)
  for (const other of [
    crewOf(null, ['a', 'b']),
    crewOf(['default'], ['a', 'b']),
    crewOf(['default', 'reports'], ['a']),
  ])
    expect(other.name).not.toBe(crew.name)
})
