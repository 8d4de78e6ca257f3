import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openDoor, type Door } from '@/testing/door'
import { createDb, type Db } from '@/server/db'
import { registerWorker } from '@/server/engine'
import { openWorld, running, workerId } from '@/testing/engine'
import { Attempt } from './attempt'
import { LEASE_ANSWER_MS, LeaseKeeper } from './lease-keeper'

// Leases where the way to PostgreSQL is interrupted: the keeper's connections go through a door.

const { database, db, world } = await openWorld({ max: 2 })
let door: Door
let leaseDb: Db
let leases: LeaseKeeper

beforeAll(async () => {
  await registerWorker(db, { id: workerId, host: 'test', pid: 1, isolatedSlots: 1, inlineSlots: 1 })
})
beforeEach(async () => {
  door = await openDoor(database.url)
  leaseDb = createDb(door.url, { max: 2, workload: 'byKey', answerMs: LEASE_ANSWER_MS })
  leases = new LeaseKeeper({
    db: leaseDb,
    workerId,
    logger: pino({ level: 'silent' }),
    onOutlived: () => undefined,
    onDrain: () => undefined,
  })
})
afterEach(async () => {
  leases.stop()
  for (const attempt of leases.attempts) attempt.end()
  await door.close()
  await leaseDb.$disconnect()
})

/** An attempt whose lease was confirmed so many milliseconds ago. */
async function held(ago: number): Promise<Attempt> {
  const claimed = await running(world)
  const attempt = new Attempt(claimed, performance.now() - ago, {} as never, {} as never, {} as never)
  leases.hold(attempt)
  return attempt
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const renewedAfter = (attempt: Attempt, moment: number) =>
  vi.waitFor(() => expect([attempt.stopped, attempt.leaseConfirmedAt > moment]).toEqual([undefined, true]), {
    timeout: 14_000,
    interval: 50,
  })

test('a failed renewal of leases is tried again at once, and not 5 s later', async () => {
  // The pace alone would come too late: 5 s after the failure its lease has not been confirmed for 11 s.
  const attempt = await held(1_000)
  leases.start()
  await passed(3_000)
  door.shut()
  await passed(3_000)
  door.open()
  await renewedAfter(attempt, performance.now())
})

test('a connection to PostgreSQL that never answers is given up in time to renew the leases by another', async () => {
  const attempt = await held(0)
  leases.start()
  await passed(2_500)
  // All that it may have: what hangs in one of them is not made up for by another that is open already.
  await Promise.all([leaseDb.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`, leaseDb.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`])
  door.freeze()
  await renewedAfter(attempt, performance.now())
})
