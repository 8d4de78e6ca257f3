import { CronosExpression } from 'cronosjs'
import { expect, it } from 'vitest'
import { extendedExpressions, randomExpressions } from './cron-random.fixture'
import { changesOf, zoneMinutes } from './cron-rules.fixture'
import { cronTimes } from './cron'

// Random expressions in ten years against the library cronosjs, which reads all that rule 4.28 accepts: seconds, names,
// nicknames, L, W and #. Of each expression the first 250 times are compared. `LONG=1` compares 800 expressions, and of
// each all times in the ten years, or the first 4,000.

const LONG = process.env.LONG === '1'
const SEED = LONG ? Number(process.env.SEED ?? 20_261_130) : 1
const COUNT = LONG ? Number(process.env.EXPRESSIONS ?? 400) : 30
/** How many expressions are compared in each zone. */
const COUNT_IN_ZONE = LONG ? COUNT / 4 : 8
const FROM = Date.parse('2017-01-01T00:00:00Z')
const TO = Date.parse('2027-01-01T00:00:00Z')
/** How many times of one expression are compared. With LONG=1, a daily expression is compared over the whole ten years. */
const MOST = LONG ? 4_000 : 250
const HOUR = 3_600_000

/** The first `MOST` times in the ten years, in milliseconds. */
function timesOf(next: (after: Date) => Date | null): number[] {
  const found: number[] = []
  for (let at = next(new Date(FROM - 1)); at && at.getTime() < TO && found.length < MOST; at = next(at))
    found.push(at.getTime())
  return found
}
const ours = (cron: string, zone: string) => {
  const times = cronTimes(cron, zone)
  return timesOf((after) => times.next(after))
}
const library = (cron: string, timezone: string) => {
  const times = CronosExpression.parse(cron, { timezone })
  return timesOf((after) => times.nextDate(after))
}

it('random expressions with seconds, names, L, W and # come at the same times in UTC over ten years as cronosjs says', () => {
  let compared = 0
  for (const cron of extendedExpressions(SEED, COUNT)) {
    const found = ours(cron, 'UTC')
    expect(found, cron).toEqual(library(cron, 'UTC'))
    compared += found.length
  }
  expect(compared).toBeGreaterThan(COUNT)
  if (LONG) console.log(`UTC: ${COUNT} expressions, ${compared} times, 0 differences`)
}, 900_000)

it.each(LONG ? ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Africa/Casablanca'] : ['Europe/Berlin'])(
  'random expressions come at the same times in %s over ten years as cronosjs says, and fixed times also where the clock changes',
  (zone) => {
    const minutes = zoneMinutes(zone, 2017, 2027)
    const changes = changesOf(minutes).map((at) => (minutes.first + at) * 60_000)
    let compared = 0
    let explained = 0
    for (const cron of randomExpressions(SEED + 1, COUNT_IN_ZONE)) {
      const [a, b] = [ours(cron, zone), library(cron, zone)]
      const end = Math.min(a.length < MOST ? TO : a.at(-1)!, b.length < MOST ? TO : b.at(-1)!)
      const [inA, inB] = [new Set(a), new Set(b)]
      for (const at of [...a.filter((one) => !inB.has(one)), ...b.filter((one) => !inA.has(one))]) {
        if (at > end) continue
        // A difference is allowed around a change of the clock, where the time is not fixed: cronosjs looks at the hour
        // alone to tell whether a time is fixed, and rule 4.28 at the minute as well.
        const fixed = !/[*/]/.test(cron.split(' ').slice(0, 2).join(' '))
        // Where a clock goes back at midnight, as in São Paulo, it takes the second of two equal times. The rule takes the first.
        const secondOfTwo = zone === 'America/Sao_Paulo' && (inA.has(at) ? inB.has(at + HOUR) : inA.has(at - HOUR))
        const near = changes.some((change) => Math.abs(at - change) <= 4 * HOUR)
        expect(near && (!fixed || secondOfTwo), `${cron} in ${zone} at ${new Date(at).toISOString()}`).toBe(true)
        explained++
      }
      compared += a.length
    }
    expect(compared).toBeGreaterThan(COUNT_IN_ZONE)
    if (LONG)
      console.log(`${zone}: ${COUNT_IN_ZONE} expressions, ${compared} times, ${explained} differences, all explained`)
  },
  900_000,
)
