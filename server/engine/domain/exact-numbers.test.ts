import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inexactNumbers, numberProblem } from './exact-numbers'

describe('a number of JSON text', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '9007199254740993e0',
    '900719925474099.3e1',
    '123456789012345678901234567890',
    '12345678901234567890',
    '9223372036854775807',
    '18446744073709551615',
    '10000000000000000000000001',
    '123456789012345678e5',
  ])('a whole number is refused where a double cannot hold it exactly: %s', (literal) => {
    expect(numberProblem(literal)).toMatch(/cannot be kept exactly .*: send it as a string/)
  })

  it.each(['1e400', '-1e400', '1e309', '9'.repeat(400), '1e99999999999999999999'])(
    'a number beyond the range of a double is refused: %s',
    (literal) => {
      expect(numberProblem(literal)).toMatch(/beyond the range .*: send it as a string/)
    },
  )

  it.each(['1e-400', '-1e-400', '2e-324', `0.${'0'.repeat(400)}1`, '123e-99999999'])(
    'a number that is not zero is refused where a double makes zero of it: %s',
    (literal) => {
      expect(numberProblem(literal)).toMatch(/nearer to zero .*: send it as a string/)
    },
  )

  it.each([
    '0',
    '-0',
    '0.0',
    '0e-400',
    '0e999999',
    '9007199254740991',
    '9007199254740992',
    '9007199254740994',
    '1152921504606846976',
    '1152921504606847000',
    '9223372036854775808',
    '100000000000000000000',
    '0.1e20',
    '1e23',
    '100000000000000000000000',
    '1e300',
    '1.7976931348623157e308',
    '295147905179352830000',
    '1000000000000000.00000000000',
  ])('a whole number is accepted where it comes back as the same number: %s', (literal) => {
    expect(numberProblem(literal)).toBeNull()
  })

  it.each([
    '0.1',
    '333333333.33333329',
    '3.14159265358979323846264338327950288',
    '9007199254740993.5',
    '5e-324',
    '3e-324',
    '123456789012345678901234567890e-20',
  ])('a decimal is accepted and rounded: %s', (literal) => expect(numberProblem(literal)).toBeNull())

  it('every number is accepted in the form that JSON.stringify gives it', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (value) => numberProblem(JSON.stringify(value)) === null,
      ),
    )
  })

  it('an integer of at most 10^17 is accepted exactly where it comes back unchanged', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        (value) =>
          (numberProblem(String(value)) === null) ===
          (BigInt(Number(value)) === value || String(Number(value)) === String(value)),
      ),
    )
  })

  // Where the time grew faster than the length, this test would run out of its time.
  it('a number of any length is decided on at once', () => {
    for (const literal of [
      '1' + '0'.repeat(200_000) + 'e-200000',
      '0.' + '0'.repeat(200_000) + '1',
      '1.' + '0'.repeat(200_000),
      '7'.repeat(200_000),
    ])
      numberProblem(literal)
  })
})

describe('in a text', () => {
  it('every inexact number in a text is found with its place, and none is found in strings or names', () => {
    const text =
      '{"a":[1,{"b\\"c":9007199254740993}],"9007199254740993":"9007199254740993, 1e400","d" : {"e":[[],[0,1e999]]},"f":9007199254740993}'
    expect(inexactNumbers(text).map(({ keys }) => keys)).toEqual([['a', 1, 'b"c'], ['d', 'e', 1, 1], ['f']])
    expect(inexactNumbers('9007199254740993').map(({ keys }) => keys)).toEqual([[]])
    expect(inexactNumbers(JSON.stringify({ id: 12, card: '4111111111111111', at: 1.5 }))).toEqual([])
  })

  it('at most twenty inexact numbers are reported', () => {
    expect(inexactNumbers(`[${Array(500).fill('1e999').join(',')}]`)).toHaveLength(20)
  })
})
