import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkInvariants } from '@/server/engine/invariants'
import { makeSchedule, planned, setNext } from '@/testing/schedules'
import { openWorld } from '@/testing/engine'

const { database, db, world } = await openWorld()

const LONG = process.env.LONG === '1'
/** Schedules with one due run each, and due runs of one schedule that catches up. */
const [EACH, BACKLOG] = LONG ? [600, 400] : [90, 60]
/** How many times a scheduler is killed. */
const KILLS = LONG ? 12 : 3

async function startScheduler(): Promise<ChildProcess> {
  const scheduler = spawn(process.execPath, ['--import', 'tsx', 'worker/upkeep/scheduler.fixture.ts'], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(scheduler.stdout!, 'data')
  return scheduler
}

async function kill(scheduler: ChildProcess): Promise<void> {
  if (scheduler.exitCode !== null || scheduler.signalCode !== null) return
  const gone = once(scheduler, 'exit')
  scheduler.kill('SIGKILL')
  await gone
}

/** Makes schedules that are due, half of them of another organization. Returns how many runs are due. */
async function makeDue(): Promise<number> {
  const ids = []
  for (let n = 0; n < EACH; n++)
    ids.push(
      await makeSchedule(world, { missed: { all: 1000 } }, n % 2 ? world.organizationId : world.otherOrganizationId),
    )
  for (const id of ids) await setNext(world, id, planned())
  await setNext(world, await makeSchedule(world, { missed: { all: 1000 } }), planned(BACKLOG - 1))
  return EACH + BACKLOG
}

const submitted = () => db.scheduleRun.count({ where: { jobId: { not: null } } })

test(
  `two schedulers, which are killed in turn at random moments: each of ${EACH + BACKLOG} due runs is submitted once`,
  async () => {
    const due = await makeDue()
    const schedulers = await Promise.all([startScheduler(), startScheduler()])
    let kills = 0
    try {
      for (; kills < KILLS; kills++) {
        // It dies in the middle of its work: some of the runs are done, and more are to come.
        const goal = Math.floor(((kills + Math.random()) / KILLS) * due)
        while ((await submitted()) < goal) await sleep(2)
        const victim = kills % 2
        await kill(schedulers[victim]!)
        schedulers[victim] = await startScheduler()
      }
      await expect.poll(submitted, { timeout: 60_000 }).toBe(due)
      // Another look finds nothing more to do.
      await sleep(300)
    } finally {
      await Promise.all(schedulers.map(kill))
    }
    expect(kills).toBe(KILLS)
    const [counts] = await db.$queryRaw<
      [{ runs: bigint; planned: bigint; jobs: bigint; all: bigint; skipped: bigint }]
    >`
      SELECT (SELECT count(*) FROM schedule_runs) AS runs, (SELECT count(DISTINCT (schedule_id, planned_at)) FROM schedule_runs) AS planned,
        (SELECT count(DISTINCT job_id) FROM schedule_runs) AS jobs, (SELECT count(*) FROM jobs) AS all, (SELECT count(*) FROM schedule_runs WHERE skipped IS NOT NULL) AS skipped`
    const n = BigInt(due)
    expect(counts).toEqual({ runs: n, planned: n, jobs: n, all: n, skipped: 0n })
    expect(await checkInvariants(db)).toEqual([])
  },
  LONG ? 400_000 : 120_000,
)
