import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Prisma, type Db } from '@/server/db'
import { openDatabase } from '@/testing/open-database'
import { openStoppable } from './stoppable'

// A handler reads the database through a stoppable client (stoppable.ts). When its job is canceled, the signal fires,
// and PostgreSQL must stop the statements that the handler has sent. It may use two connections, so a third and a
// fourth statement wait.

const { db, database } = await openDatabase({ max: 2 })
const SLOW = Prisma.sql`SELECT pg_sleep(20)::text AS slept`

/** How many statements PostgreSQL works on for handlers. */
const working = async () =>
  (
    await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'jobyard-handler %' AND state = 'active'`
  )[0]!.count

/**
 * Starts the work that `begin` returns, and cancels it after `afterMs` milliseconds. Returns how each piece of work
 * ended, how many statements PostgreSQL still runs 800 ms later, and how long it then takes to close the client.
 */
async function stopAfter(afterMs: number, begin: (stoppable: ReturnType<typeof openStoppable>) => Promise<unknown>[]) {
  const stop = new AbortController()
  const stoppable = openStoppable(database.url, () => stop.signal)
  const answers = Promise.allSettled(begin(stoppable))
  await sleep(afterMs)
  stop.abort(new Error('canceled'))
  const reasons = (await answers).map((end) => (end.status === 'rejected' ? String(end.reason) : end.value))
  await sleep(800)
  const left = await working()
  const began = performance.now()
  await stoppable.close()
  return { reasons, left, closeMs: performance.now() - began }
}

test('statements that still wait for a connection when the signal fires are never sent', async () => {
  let begun = 0
  const { reasons, closeMs, left } = await stopAfter(400, ({ db: client, unlessStopped }) =>
    // Two of them get a connection. The other two wait for one.
    [1, 2, 3, 4].map(() =>
      unlessStopped(() => {
        begun += 1
        return client.$queryRaw(SLOW)
      }),
    ),
  )
  expect(begun).toBe(2)
  expect(reasons).toEqual(Array(4).fill('Error: canceled'))
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})

test('a statement whose connection is still being opened when the signal fires is canceled as soon as it begins', async () => {
  const { reasons, closeMs, left } = await stopAfter(0, ({ ask }) => [ask(SLOW), ask(SLOW)])
  expect(reasons).toEqual(Array(2).fill('Error: canceled'))
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})

test('work that sends another statement after the first was canceled has that one canceled too', async () => {
  const twice = async (client: Db) => {
    await client.$queryRaw(SLOW).catch(() => undefined)
    await client.$queryRaw(SLOW)
  }
  const { reasons, closeMs, left } = await stopAfter(400, ({ db: client, unlessStopped }) => [
    unlessStopped(() => twice(client)),
  ])
  expect(reasons).toEqual(['Error: canceled'])
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})
