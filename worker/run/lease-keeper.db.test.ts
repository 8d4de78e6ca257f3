import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openDoor, type Door } from '@/testing/door'
import { createDb, type Db } from '@/server/db'
import { registerWorker } from '@/server/engine'
import { openWorld, running, workerId } from '@/testing/engine'
import { Attempt } from './attempt'
import { LEASE_ANSWER_MS, LeaseKeeper } from './lease-keeper'

// A worker renews the leases of the attempts that it runs every 5 s. Here its connections to PostgreSQL go through a
// door (testing/door.ts), which a test shuts or freezes.

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

test('a worker whose renewal of leases fails tries again at once, and keeps its attempt', async () => {
  // The renewal after 5 s fails. Another one only 5 s later would come too late: then the lease has not been confirmed
  // for 11 s, and a worker gives up an attempt after 10 s.
  const attempt = await held(1_000)
  leases.start()
  await passed(3_000)
  door.shut()
  await passed(3_000)
  door.open()
  await renewedAfter(attempt, performance.now())
})

test('a worker whose connections to PostgreSQL never answer gives them up in time to renew its leases by others', async () => {
  const attempt = await held(0)
  leases.start()
  await passed(2_500)
  // Opens both connections that the keeper may have, so that both freeze. One that is opened later would answer.
  await Promise.all([leaseDb.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`, leaseDb.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`])
  door.freeze()
  await renewedAfter(attempt, performance.now())
})
