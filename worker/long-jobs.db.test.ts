import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { submitJob, submitJobs } from '@/server/engine'
import { tester, unique } from '@/server/engine/engine.fixture'
import { createStage, within, type Stage } from './stage.fixture'

// A stage for each: for 15 s the slots of a worker that was killed still count.
let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage?.close())

test.each([
  ['Redis', process.env.TEST_REDIS_URL],
  ['PostgreSQL', undefined],
])('another organization’s first job starts within 2 s while one has all the slots it may with jobs of an hour, on %s', async (_, redisUrl) => {
  const { db, world } = stage
  const job = () => ({ jobType: 'sample.work', parameters: { durationMs: 3_600_000, ...unique() } })
  await submitJobs(db, { organizationId: world.organizationId, jobs: Array.from({ length: 20 }, job), actor: tester })
  stage.start(redisUrl, { ISOLATED_SLOTS: '4' })
  await vi.waitFor(async () => expect(await db.job.count({ where: { status: 'RUNNING' } })).toBe(3), within(30))
  const { id } = await submitJob(db, { organizationId: world.otherOrganizationId, job: { ...job(), parameters: unique() }, actor: tester })
  await stage.reached(id, 'COMPLETED', 10)
  const { createdAt, startedAt } = await stage.job(id)
  expect(startedAt!.getTime() - createdAt.getTime()).toBeLessThan(2_000)
  expect(await db.job.count({ where: { status: { in: ['RUNNING', 'QUEUED'] } } })).toBe(3)
}, 60_000)
