import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { explainJob, submitJob, submitJobs } from '@/server/engine'
import { tester, unique } from '@/testing/engine'
import { createStage, queueStores, within, type Stage } from './stage.fixture'

// An organization's first job finds a slot, although another organization has jobs of an hour in all slots that it may
// take. How many seconds that takes is measured by the benchmark `fairness`, because a busy machine would fail a test.

// Each test has a stage of its own: the slots of a worker that another test killed would count for 15 s more.
let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage?.close())

const work = (durationMs: number) => ({ jobType: 'sample.work', parameters: { durationMs, ...unique() } })
const submitMany = (count: number, durationMs: number) =>
  submitJobs(stage.db, {
    organizationId: stage.world.organizationId,
    jobs: Array.from({ length: count }, () => work(durationMs)),
    actor: tester,
  })

/** Submits the first job of the other organization, and waits until it has run. None of the long jobs ends meanwhile. */
async function othersFirstRuns(): Promise<void> {
  const { id } = await submitJob(stage.db, {
    organizationId: stage.world.otherOrganizationId,
    job: work(0),
    actor: tester,
  })
  await stage.reached(id, 'COMPLETED', 10)
}

/**
 * Waits until only three of these jobs run and none is QUEUED behind them. Those that wait must name the kept slot as
 * their reason.
 */
async function onlyRoomIsUsed(ids: string[]): Promise<void> {
  const all = { id: { in: ids } }
  await vi.waitFor(
    async () => expect(await stage.db.job.count({ where: { ...all, status: { in: ['RUNNING', 'QUEUED'] } } })).toBe(3),
    within(15),
  )
  const waits = await stage.db.job.findMany({ where: { ...all, status: 'PENDING' }, select: { id: true } })
  for (const { id } of waits)
    expect((await explainJob(stage.db, id, { all: true })).reasons.map(({ code }) => code)).toContain('SLOTS_KEPT')
}

describe.each(queueStores())(
  'while one organization fills all slots that it may with jobs of an hour (BullMQ on %s)',
  (_, redisUrl) => {
    // One of the four slots is kept for organizations that have nothing in flight (rule 4.11), so three are left.
    const start = () => stage.start(redisUrl, { ISOLATED_SLOTS: '4' })
    const running = (count: number) =>
      vi.waitFor(async () => expect(await stage.db.job.count({ where: { status: 'RUNNING' } })).toBe(count), within(30))

    test('another’s first job runs in a slot that nobody else got', async () => {
      await submitMany(20, 3_600_000)
      start()
      await running(3)
      await othersFirstRuns()
      expect(await stage.db.job.count({ where: { status: { in: ['RUNNING', 'QUEUED'] } } })).toBe(3)
    }, 60_000)

    test('another’s first job runs, although it ran short jobs of the same type before', async () => {
      start()
      await stage.completed(
        (
          await submitJobs(stage.db, {
            organizationId: stage.world.otherOrganizationId,
            jobs: Array.from({ length: 20 }, () => work(0)),
            actor: tester,
          })
        ).map(({ id }) => id),
      )
      await submitMany(20, 3_600_000)
      await running(3)
      await othersFirstRuns()
    }, 60_000)

    test('another’s first job runs, although the hour-long jobs follow at once on many short ones of the same organization and type', async () => {
      start()
      const measured = await submitMany(60, 0)
      await stage.completed(measured.map(({ id }) => id))
      const long = await submitMany(10, 3_600_000)
      await running(3)
      await othersFirstRuns()
      await onlyRoomIsUsed(long.map(({ id }) => id))
      await othersFirstRuns()
    }, 90_000)

    test('another’s first job runs, although the hour-long jobs lie among many short ones of the same submission', async () => {
      start()
      const durations = [...Array<number>(60).fill(0), ...Array<number>(12).fill(3_600_000)]
      const long = (
        await submitJobs(stage.db, {
          organizationId: stage.world.organizationId,
          jobs: durations.map(work),
          actor: tester,
        })
      ).slice(60)
      await vi.waitFor(
        async () => expect(await stage.db.job.count({ where: { status: 'COMPLETED' } })).toBe(60),
        within(40),
      )
      await running(3)
      await othersFirstRuns()
      await onlyRoomIsUsed(long.map(({ id }) => id))
    }, 90_000)

    test('another’s first job runs on a worker that replaces a killed one, before and after the killed one counts as lost', async () => {
      await submitMany(40, 3_600_000)
      const killed = start()
      await running(3)
      await stage.kill(killed)
      // The killed worker began a minute ago, so it no longer counts as new. It and its leases stay alive until the test
      // says otherwise.
      const { id: workerId } = await stage.db.worker.findFirstOrThrow({ select: { id: true } })
      const later = new Date(Date.now() + 600_000)
      await stage.db.worker.update({
        where: { id: workerId },
        data: { startedAt: new Date(Date.now() - 60_000), lastSeenAt: later },
      })
      await stage.db.job.updateMany({ where: { workerId }, data: { leaseUntil: later } })
      start()
      await running(6)
      await othersFirstRuns()
      const past = new Date(Date.now() - 60_000)
      await stage.db.worker.update({ where: { id: workerId }, data: { lastSeenAt: past } })
      await stage.db.job.updateMany({ where: { workerId }, data: { leaseUntil: past } })
      await running(3)
      await othersFirstRuns()
    }, 90_000)
  },
)
