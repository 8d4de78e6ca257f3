import { afterEach, beforeAll, expect, test } from 'vitest'
import type { EngineError } from '../../domain/errors'
import { clearJobs, ends, finish, openWorld, refusal, running, tester, type World } from '@/testing/engine'
import { retryJob, type Outcome } from '../../index'
import { deadLetterGroups, type DeadLetterGroup } from './dead-letters'
import { plansOf } from './plans.fixture'

const { db, world } = await openWorld({ max: 4 })
let other: World

beforeAll(async () => {
  other = { ...world, organizationId: world.otherOrganizationId }
})
afterEach(() => clearJobs(db))

const DAY = 86_400_000
const here = () => ({ organizationIds: [world.organizationId] })

/** A job that died of this, so many milliseconds ago. */
async function dead(
  fingerprint: string,
  { ago = 0, jobType = 'plain', message = `Died of ${fingerprint}`, at = world } = {},
): Promise<{ id: string; at: Date }> {
  const claimed = await running(at, { jobType, dedupe: false })
  const error = { message, class: 'PERMANENT', fingerprint, stack: null } as const
  await finish(at, { ...ends.dead(claimed), error } as Outcome)
  if (ago > 0)
    await db.$executeRaw`UPDATE jobs SET finished_at = ${new Date(Date.now() - ago)} WHERE id = ${claimed.jobId}::uuid`
  const { finishedAt } = await db.job.findUniqueOrThrow({ where: { id: claimed.jobId } })
  return { id: claimed.jobId, at: finishedAt! }
}

const names = (groups: DeadLetterGroup[]) =>
  groups.map(({ jobType, errorFingerprint, count }) => `${jobType} ${errorFingerprint} ${count}`)

test('dead letters that died of the same are one group: count, first and last, the newest, and how many on each day', async () => {
  const oldest = await dead('disk', { ago: 20 * DAY, message: 'Disk 1 is full' })
  await dead('disk', { ago: 3 * DAY })
  await dead('disk', { ago: 3 * DAY + 1 })
  const newest = await dead('disk', { message: 'Disk 9 is full' })
  await dead('disk', { jobType: 'zero', ago: DAY })
  await dead('mail', { ago: 2 * DAY })
  const { items, nextCursor } = await deadLetterGroups(db, { limit: 10 }, here())
  expect(names(items)).toEqual(['plain disk 4', 'zero disk 1', 'plain mail 1'])
  expect(nextCursor).toBeNull()
  expect(items[0]).toMatchObject({
    organizationId: world.organizationId,
    errorMessage: 'Disk 9 is full',
    errorClass: 'PERMANENT',
    firstSeenAt: oldest.at,
    lastSeenAt: newest.at,
    sample: { jobId: newest.id, message: 'Disk 9 is full', at: newest.at },
  })
  const { bucketSeconds, points } = items[0]!.trend
  expect(bucketSeconds).toBe(86_400)
  expect(points).toHaveLength(14)
  points.forEach(({ at }, index) =>
    expect(at.getTime() % DAY === 0 && at.getTime() === points[0]!.at.getTime() + index * DAY).toBe(true),
  )
  expect(points.at(-1)!.count).toBe(1)
  // The one of twenty days ago lies before them.
  expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(3)
  expect(names((await deadLetterGroups(db, { jobType: 'zero', limit: 10 }, here())).items)).toEqual(['zero disk 1'])
})

test('pages hold each group once, also those that were seen last at the same moment', async () => {
  const fingerprints = Array.from({ length: 7 }, (_, n) => `f${n}`)
  for (const fingerprint of fingerprints) await dead(fingerprint)
  const same = new Date(Date.now() - DAY)
  await db.$executeRaw`UPDATE jobs SET finished_at = ${same} WHERE error_fingerprint IN ('f1', 'f2', 'f3', 'f4', 'f5')`
  for (const limit of [1, 2, 3, 7]) {
    const seen: string[] = []
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const page = await deadLetterGroups(db, { limit, cursor }, here())
      expect(page.items.length).toBeGreaterThan(0)
      seen.push(...page.items.map(({ errorFingerprint }) => errorFingerprint))
      cursor = page.nextCursor ?? undefined
    }
    expect(seen, `pages of ${limit}`).toHaveLength(7)
    expect(new Set(seen)).toEqual(new Set(fingerprints))
  }
  const refused: EngineError = await refusal(deadLetterGroups(db, { limit: 1, cursor: 'bm9uc2Vuc2U' }, here()))
  expect(refused.reason).toBe('INVALID_INPUT')
})

test('a group is of one organization, and each sees its own', async () => {
  await dead('disk')
  await dead('disk', { at: other, message: 'Theirs' })
  await dead('disk', { at: other })
  expect(names((await deadLetterGroups(db, { limit: 10 }, here())).items)).toEqual(['plain disk 1'])
  const theirs = (await deadLetterGroups(db, { limit: 10 }, { organizationIds: [other.organizationId] })).items
  expect(theirs.map(({ organizationId, count }) => [organizationId, count])).toEqual([[other.organizationId, 2]])
  for (const scope of [{ all: true } as const, { organizationIds: [world.organizationId, other.organizationId] }]) {
    expect(
      (await deadLetterGroups(db, { limit: 10 }, scope)).items.map(({ organizationId }) => organizationId).sort(),
    ).toEqual([world.organizationId, other.organizationId].sort())
  }
  expect((await deadLetterGroups(db, { limit: 10 }, { organizationIds: [] })).items).toEqual([])
})

test('what is retried leaves its group, and the group with its last', async () => {
  const first = await dead('disk', { ago: DAY })
  const second = await dead('disk')
  await retryJob(db, { jobId: second.id, actor: tester })
  expect((await deadLetterGroups(db, { limit: 10 }, here())).items).toMatchObject([
    { count: 1, lastSeenAt: first.at, sample: { jobId: first.id } },
  ])
  await retryJob(db, { jobId: first.id, actor: tester })
  expect((await deadLetterGroups(db, { limit: 10 }, here())).items).toEqual([])
})

test('groups walk indexes, never all jobs', async () => {
  await dead('disk')
  const plans = await plansOf(db, async (tx) => {
    for (const scope of [{ all: true } as const, here()]) await deadLetterGroups(tx, { limit: 10 }, scope)
  })
  expect(plans).toHaveLength(2)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on jobs/)
})
