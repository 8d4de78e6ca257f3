import { describe, expect, it } from 'vitest'
import { decide, FORGET_MS, LIMITS, type Counters, type Kind } from './throttle'

const start = new Date('2026-01-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

/** Counters in the form in which the database keeps them. Tries are made at given times, and every one fails. */
function world() {
  const rows = new Map<string, NonNullable<Counters[Kind]>>()
  return (place: string, account: string, address: string, now: Date): number | null => {
    const keys: Record<Kind, string> = { place, account, address }
    const kinds = Object.keys(keys) as Kind[]
    const decision = decide(
      Object.fromEntries(
        kinds.map((kind) => [kind, rows.get(keys[kind]) ?? { failures: 0, lastAt: now, admittedFrom: null }]),
      ),
      now,
    )
    for (const kind of kinds) {
      const counter = decision.counters[kind]
      if (counter) rows.set(keys[kind], counter)
    }
    return decision.retryAfterSeconds
  }
}

describe('one place that guesses at one account', () => {
  it('a place that guesses at one account has five tries, then waits 1, 2, 4 … seconds, and never more than five minutes', () => {
    const attempt = world()
    for (let i = 0; i < LIMITS.place.free; i++) expect(attempt('p', 'a', 'x', start)).toBeNull()
    let now = 0
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      const wait = attempt('p', 'a', 'x', after(now))!
      waits.push(wait)
      // A try that comes a moment too early is refused, and does not count.
      expect(attempt('p', 'a', 'x', after(now + wait - 0.5))).toBe(1)
      now += wait
      expect(attempt('p', 'a', 'x', after(now))).toBeNull()
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  })

  it('failures of a place are forgotten after an hour without a try', () => {
    const attempt = world()
    for (let i = 0; i < LIMITS.place.free; i++) attempt('p', 'a', 'x', start)
    expect(attempt('p', 'a', 'x', start)).toBe(1)
    const later = new Date(start.getTime() + FORGET_MS + 1)
    for (let i = 0; i < LIMITS.place.free; i++) expect(attempt('p', 'a', 'x', later)).toBeNull()
  })

  it('failures at one account do not slow down the same person at another account', () => {
    const attempt = world()
    for (let i = 0; i <= LIMITS.place.free; i++) attempt('p', 'a', 'x', start)
    expect(attempt('q', 'b', 'x', start)).toBeNull()
  })
})

describe('one account that many places attack', () => {
  it('while many places attack an account, each place waits before each try and is then let in for certain', () => {
    const attempt = world()
    let bot = 0
    const storm = (now: Date, tries: number) => {
      for (let i = 0; i < tries; i++, bot++) attempt(`bot${bot}`, 'a', `10.0.${bot >> 8}.${bot & 255}`, now)
    }
    storm(start, 200)
    const wait = attempt('owner', 'a', 'home', start)!
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(LIMITS.account.cap)
    for (let second = 1; second < wait; second++) {
      storm(after(second), 5)
      expect(attempt('owner', 'a', 'home', after(second))).toBe(wait - second)
    }
    storm(after(wait), 50)
    expect(attempt('owner', 'a', 'home', after(wait))).toBeNull()
  })

  it('a turn that a place does not take is gone after ten minutes', () => {
    const attempt = world()
    for (let bot = 0; bot < 40; bot++) attempt(`bot${bot}`, 'a', `${bot}`, start)
    const wait = attempt('owner', 'a', 'home', start)!
    // The attack goes on meanwhile.
    for (let bot = 40; bot < 200; bot++) attempt(`bot${bot}`, 'a', `${bot}`, after(wait + 300))
    expect(attempt('owner', 'a', 'home', after(wait + 601))).toBeGreaterThan(0)
  })
})

it('an address that tries many accounts slows down as a whole', () => {
  const attempt = world()
  for (let i = 0; i < LIMITS.address.free; i++) expect(attempt(`p${i}`, `a${i}`, 'x', start)).toBeNull()
  expect(attempt('next', 'another', 'x', start)).toBe(1)
  expect(attempt('next', 'another', 'y', start)).toBeNull()
})
