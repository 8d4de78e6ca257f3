import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffSeconds, MAX_DELAY_SECONDS } from './backoff'

const usual = { baseSeconds: 60, capSeconds: 960, random: 0.5 }

describe('backoffSeconds', () => {
  it('the backoff doubles from 1 to 16 minutes by default, and stays there', () => {
    const minutes = [1, 2, 3, 4, 5, 6, 50].map((failures) => backoffSeconds({ ...usual, failures }) / 60)
    expect(minutes).toEqual([1, 2, 4, 8, 16, 16, 16])
  })

  it('the backoff is spread by a fifth to either side', () => {
    expect(backoffSeconds({ ...usual, failures: 1, random: 0 })).toBeCloseTo(48)
    expect(backoffSeconds({ ...usual, failures: 1, random: 1 })).toBeCloseTo(72)
  })

  it('a job waits as long as its failure asked for, where that is longer than the backoff', () => {
    expect(backoffSeconds({ ...usual, failures: 1, retryAfterSeconds: 3_600 })).toBe(3_600)
    expect(backoffSeconds({ ...usual, failures: 5, retryAfterSeconds: 10 })).toBe(960)
    expect(backoffSeconds({ ...usual, failures: 1, retryAfterSeconds: null })).toBe(60)
  })

  it('a retryAfter that is NaN or negative is ignored, and an infinite one counts as a year', () => {
    expect(backoffSeconds({ ...usual, failures: 1, retryAfterSeconds: NaN })).toBe(60)
    expect(backoffSeconds({ ...usual, failures: 1, retryAfterSeconds: -5 })).toBe(60)
    expect(backoffSeconds({ ...usual, failures: 1, retryAfterSeconds: Infinity })).toBe(MAX_DELAY_SECONDS)
  })

  it('a base or cap of 0 means that the retry comes at once', () => {
    expect(backoffSeconds({ ...usual, baseSeconds: 0, failures: 5_000 })).toBe(0)
    expect(backoffSeconds({ ...usual, capSeconds: 0, failures: 3 })).toBe(0)
    expect(backoffSeconds({ ...usual, baseSeconds: 0, failures: 1, retryAfterSeconds: 7 })).toBe(7)
  })

  const inputs = {
    failures: fc.nat({ max: 2_000_000 }),
    baseSeconds: fc.nat({ max: 86_400 }),
    capSeconds: fc.nat({ max: 864_000 }),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }

  it('the backoff is always finite and within its bounds', () => {
    fc.assert(
      fc.property(fc.record({ ...inputs, retryAfterSeconds: fc.option(fc.double()) }), (input) => {
        const delay = backoffSeconds(input)
        expect(Number.isFinite(delay)).toBe(true)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(MAX_DELAY_SECONDS)
        const asked = input.retryAfterSeconds
        if (asked !== null && asked > 0 && asked < MAX_DELAY_SECONDS) expect(delay).toBeGreaterThanOrEqual(asked)
      }),
    )
  })

  it('the backoff is what the formula of the specification gives', () => {
    fc.assert(
      fc.property(fc.record(inputs), (input) => {
        const exact = Math.min(input.capSeconds, input.baseSeconds * 2 ** Math.min(60, Math.max(0, input.failures - 1)))
        const delay = backoffSeconds(input)
        expect(delay).toBeGreaterThanOrEqual(exact * 0.8)
        expect(delay).toBeLessThanOrEqual(exact * 1.2 + 1e-6)
      }),
    )
  })

  it('the backoff never becomes shorter as failures become more', () => {
    fc.assert(
      fc.property(fc.record(inputs), (input) => {
        expect(backoffSeconds({ ...input, failures: input.failures + 1 })).toBeGreaterThanOrEqual(backoffSeconds(input))
      }),
    )
  })
})
