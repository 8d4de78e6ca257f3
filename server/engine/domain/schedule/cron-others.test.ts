import { CronExpressionParser } from 'cron-parser'
import { expect, it } from 'vitest'
import { EngineError } from '../errors'
import { randomExpressions } from './cron-random.fixture'
import { bruteForce, changesOf, zoneMinutes } from './cron-rules.fixture'
import { cronTimes } from './cron'

// Years of random expressions (ten with LONG=1) against two other implementations: one that asks of every minute, written after rule
// 4.28 alone, and the library cron-parser. `LONG=1` compares 2,100 expressions.

const LONG = process.env.LONG === '1'
const ALL_ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // its clock changes by half an hour
  'America/Sao_Paulo', // its clock changed at midnight, until 2019
  'Asia/Kathmandu', // 5:45 ahead
  'Africa/Casablanca', // back in Ramadan, so at other dates each year
]
/** Without LONG=1: two that change by an hour, at other dates, and one that changes by half an hour. */
const ZONES = LONG ? ALL_ZONES : ALL_ZONES.slice(1, 4)
const EXPRESSIONS = LONG ? Number(process.env.EXPRESSIONS ?? 300) : 6
const SEED = LONG ? Number(process.env.SEED ?? 20_261_129) : 1
/** Ten years, or three. */
const FROM = LONG ? 2017 : 2024
const TO = 2027
/** How many times of an expression are compared from the beginning, and around each change of the clock. */
const MOST = LONG ? 600 : 100
const AROUND = LONG ? 60 : 40
/** cron-parser is slow, so fewer are compared with it. */
const BY_LIBRARY = LONG ? 30 : 25
const MINUTE = 60_000
const DAY_MINUTES = 1_440

/** The first `most` times after `from` and before `to`, in minutes since 1970. */
function ours(cron: string, zone: string, from: number, to: number, most: number): number[] {
  const times = cronTimes(cron, zone)
  const found: number[] = []
  let at = times.next(new Date(from * MINUTE))
  for (; at && at.getTime() < to * MINUTE && found.length < most; at = times.next(at)) found.push(at.getTime() / MINUTE)
  return found
}

/** The times that cron-parser finds, and the minute until which that is all of them. */
function cronParser(
  cron: string,
  tz: string,
  from: number,
  to: number,
  most: number,
): { times: number[]; until: number } {
  const found: number[] = []
  const times = CronExpressionParser.parse(cron, { tz, currentDate: new Date(from * MINUTE) })
  try {
    for (let at = times.next(); at.getTime() < to * MINUTE && found.length < most; at = times.next())
      found.push(at.getTime() / MINUTE)
  } catch (error) {
    // It gives up on times that are far apart, and on some where a clock changes by half an hour. What it found until
    // then is compared, which may be nothing.
    if (!String(error).includes('loop limit exceeded')) throw error
    return { times: found, until: found.at(-1) ?? from }
  }
  return { times: found, until: found.at(-1) ?? Infinity }
}

const comes = (cron: string): boolean => {
  try {
    cronTimes(cron, 'UTC')
    return true
  } catch (error) {
    if (error instanceof EngineError) return false
    throw error
  }
}

it.each(ZONES)(
  `${EXPRESSIONS} random expressions come at the same times in %s over years as two other implementations say`,
  (zone) => {
    const minutes = zoneMinutes(zone, FROM, TO)
    const end = minutes.first + minutes.wall.length
    const changes = changesOf(minutes).map((at) => minutes.first + at)
    let compared = 0
    const explained = new Map<string, number>()
    for (const cron of randomExpressions(SEED + ZONES.indexOf(zone), EXPRESSIONS)) {
      const truth = bruteForce(cron, minutes)
      if (!comes(cron)) {
        expect(truth, cron).toEqual([])
        continue
      }
      const windows = [
        { from: minutes.first - 1, to: end, most: MOST },
        ...changes.map((at) => ({ from: at - 2 * DAY_MINUTES, to: at + 2 * DAY_MINUTES, most: AROUND })),
      ]
      for (const { from, to, most } of windows) {
        const found = ours(cron, zone, from, to, most)
        const expected = between(truth, from, to).slice(0, most)
        expect(found, `${cron} in ${zone} from ${iso(from)}`).toEqual(expected)
        // The same times backwards, as a schedule asks for them that makes up for a long gap.
        const last = found.at(-1)
        if (last !== undefined) {
          const back = cronTimes(cron, zone).latest(Math.min(found.length, AROUND), new Date(last * MINUTE))
          expect(
            back.map((at) => at.getTime() / MINUTE),
            `${cron} in ${zone} back from ${iso(last)}`,
          ).toEqual(found.slice(-AROUND))
        }
        compared += found.length
        const library = cronParser(cron, zone, from, to, Math.min(most, BY_LIBRARY))
        for (const at of differing(found, library.times, Math.min(found.at(-1) ?? Infinity, library.until))) {
          const why = explain(zone, at, changes)
          expect(why, `${cron} in ${zone} at ${iso(at)}: only one of both says so`).not.toBeNull()
          explained.set(why!, (explained.get(why!) ?? 0) + 1)
        }
      }
    }
    expect(compared).toBeGreaterThan(EXPRESSIONS)
    if (LONG)
      console.log(
        `${zone}: ${compared} times compared, 0 unexplained; explained: ${JSON.stringify(Object.fromEntries(explained))}`,
      )
  },
  LONG ? 900_000 : 60_000,
)

/** Why cron-parser may say something else about a time; null where it should not. */
function explain(zone: string, at: number, changes: number[]): string | null {
  // It shifts the times that a clock leaves out instead of moving them to the end of the gap, and leaves out the second
  // of two equal times where the hour is no bare *.
  if (changes.some((change) => Math.abs(at - change) <= 4 * 60)) return 'change of the clock'
  // Where the clock changes by half an hour it loses its way: it leaves out times of the days around, or gives up.
  if (zone === 'Australia/Lord_Howe' && changes.some((change) => Math.abs(at - change) <= 3 * DAY_MINUTES))
    return 'change by half an hour'
  return null
}

const iso = (minute: number) => new Date(minute * MINUTE).toISOString()
const between = (sorted: number[], after: number, before: number) => sorted.filter((at) => at > after && at < before)

/** What only one of two lists has, up to `end`. */
function differing(a: number[], b: number[], end: number): number[] {
  const [inA, inB] = [new Set(a), new Set(b)]
  return [...a.filter((at) => at <= end && !inB.has(at)), ...b.filter((at) => at <= end && !inA.has(at))]
}
