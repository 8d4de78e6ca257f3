import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Prisma, type Db } from '@/server/db'
import { openDatabase } from '@/testing/open-database'
import { openStoppable } from './stoppable'

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
 * Lets `ask` begin and fires the signal after `afterMs`. Returns how each question ended, how many statements PostgreSQL
 * still works on a moment later, and how long a close takes then.
 */
async function stopAfter(afterMs: number, ask: (stoppable: ReturnType<typeof openStoppable>) => Promise<unknown>[]) {
  const stop = new AbortController()
  const stoppable = openStoppable(database.url, () => stop.signal)
  const answers = Promise.allSettled(ask(stoppable))
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
  const { reasons, closeMs, left } = await stopAfter(400, ({ ask }) => [1, 2, 3, 4].map(() => ask(SLOW)))
  expect(reasons).toEqual(Array(4).fill('Error: canceled'))
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})

test('a statement that was sent in the moment in which the signal fired is canceled too', async () => {
  const { closeMs, left } = await stopAfter(0, ({ ask }) => [ask(SLOW), ask(SLOW)])
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})

test('the later statements of one piece of work are canceled as well', async () => {
  const twice = async (client: Db) => {
    await client.$queryRaw(SLOW).catch(() => undefined)
    await client.$queryRaw(SLOW)
  }
  const { closeMs, left } = await stopAfter(400, ({ db: client, unlessStopped }) => [
    unlessStopped(() => twice(client)),
  ])
  expect(left).toBe(0)
  expect(closeMs).toBeLessThan(3_000)
})
