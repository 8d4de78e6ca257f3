import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/testing/database'
import { createDb, type Db } from '@/server/db'
import { inTurn, networkOf, takeAttempt, type Attempt } from './attempts'
import { LIMITS } from './throttle'

let database: TestDatabase
/** Two clients, which the database takes for two web processes. */
let dbs: [Db, Db]

beforeAll(async () => {
  database = await createTestDatabase()
  dbs = [createDb(database.url), createDb(database.url)]
})
afterAll(async () => {
  await Promise.all(dbs.map((db) => db.$disconnect()))
  await database?.drop()
})
beforeEach(async () => {
  await dbs[0].$executeRaw`DELETE FROM sign_in_attempts`
})

const at = (over: Partial<Attempt> = {}): Attempt => ({
  account: 'ada@example.com',
  address: '203.0.113.7',
  deviceId: null,
  ...over,
})
const fail = async (attempt: Attempt, process = 0) => (await takeAttempt(dbs[process]!, attempt)).retryAfterSeconds
/** Lets time pass for everything that is counted. */
const pass = (seconds: number) =>
  dbs[0].$executeRaw`
    UPDATE sign_in_attempts SET last_at = last_at - make_interval(secs => ${seconds}), admitted_from = admitted_from - make_interval(secs => ${seconds})`

describe('sign-in attempts', () => {
  it('where one sign-in may go on, only one of many at once in two processes does', async () => {
    // These use up the free tries. With seven more, the next wait is a minute or more, so that no second try is due before
    // all have answered.
    for (let i = 0; i < LIMITS.place.free + 7; i++) {
      await pass(LIMITS.place.cap)
      expect(await fail(at())).toBeNull()
    }
    for (let round = 0; round < 3; round++) {
      await pass(LIMITS.place.cap)
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => fail(at(), i % 2)))
      expect(answers.filter((seconds) => seconds === null)).toHaveLength(1)
    }
  })

  it('sign-ins with wrong passwords wait longer and longer, never for ever, and the database keeps the count, not the process', async () => {
    for (let i = 0; i < LIMITS.place.free; i++) expect(await fail(at())).toBeNull()
    for (const wait of [1, 2, 4, 8]) {
      expect(await fail(at(), 1)).toBe(wait)
      await pass(wait)
      expect(await fail(at(), 1)).toBeNull()
    }
    for (let i = 0; i < 6; i++) {
      await pass(LIMITS.place.cap)
      expect(await fail(at())).toBeNull()
    }
    expect(await fail(at())).toBe(LIMITS.place.cap)
  })

  it('a sign-in that succeeds does not count, and clears the earlier failures of its place', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < LIMITS.place.free; i++) expect(await fail(at())).toBeNull()
      const taken = await takeAttempt(dbs[0], at())
      expect(taken.retryAfterSeconds).toBeNull()
      await taken.succeed?.()
      // Of the account's counter only this try is taken back, so twelve failures remain after three rounds.
      const counts = await dbs[0].$queryRaw<
        { failures: number }[]
      >`SELECT failures FROM sign_in_attempts ORDER BY failures`
      expect(counts.map(({ failures }) => failures)).toEqual([0, 4 * (round + 1), 4 * (round + 1)])
    }
  })

  it('sign-ins that succeed at the same moment in one process are never taken for failures', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        inTurn(at(), async () => {
          const taken = await takeAttempt(dbs[0], at())
          await taken.succeed?.()
          return taken.retryAfterSeconds
        }),
      ),
    )
    expect(answers).toEqual(Array(30).fill(null))
  })

  it('while many addresses attack an account, its owner waits once and is let in, and on a known device does not wait', async () => {
    const storm = () =>
      Promise.all(Array.from({ length: 40 }, (_, i) => fail(at({ address: `198.51.100.${i}` }), i % 2)))
    await storm()
    const owner = at({ address: '192.0.2.1' })
    const wait = (await fail(owner))!
    expect(wait).toBeGreaterThan(0)
    expect(await fail(at({ deviceId: 'known' }))).toBeNull()
    await pass(wait)
    await storm()
    expect(await fail(owner)).toBeNull()
    expect(await fail(at({ account: 'other@example.com', address: '192.0.2.1' }))).toBeNull()
  })

  it('counters of sign-ins have no address and no account in plain text', async () => {
    await fail(at())
    const [{ text }] = (await dbs[0].$queryRaw<
      { text: string }[]
    >`SELECT string_agg(a::text, ' ') AS text FROM sign_in_attempts a`) as [{ text: string }]
    expect(text).not.toMatch(/ada|203\.0/)
  })
})

it('the addresses of one IPv6 network count as one', () => {
  expect(networkOf('2001:db8:1:2:aaaa::1')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:0db8:0001:0002:ffff:1:2:3')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('198.51.100.7')).toBe('198.51.100.7')
})
