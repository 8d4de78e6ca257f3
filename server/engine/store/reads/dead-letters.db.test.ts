import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { EngineError } from '../../domain/errors'
import { clearJobs, ends, finish, openWorld, refusal, running, tester, workerId, type World } from '@/testing/engine'
import {
  claimJobs,
  deleteJob,
  dispatchJobs,
  ignoreCause,
  pruneCauses,
  retryJob,
  startBulk,
  unignoreCause,
  type Outcome,
} from '../../index'
import { deadLetterFigures, deadLetterGroups, type DeadLetterGroup } from './dead-letters'
import { plansOf } from './plans.fixture'

const { db, world } = await openWorld({ max: 4 })
let other: World

beforeAll(async () => {
  other = { ...world, organizationId: world.otherOrganizationId }
})
afterEach(async () => {
  await clearJobs(db)
  await db.$executeRaw`TRUNCATE ignored_causes, cause_acts, cause_act_jobs`
})

const HOUR = 3_600_000
const DAY = 24 * HOUR
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
  // "nonsense", in the encoding of cursors.
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

test('a retried job leaves its group, and the group disappears with its last job', async () => {
  const first = await dead('disk', { ago: DAY })
  const second = await dead('disk')
  await retryJob(db, { jobId: second.id, actor: tester })
  expect((await deadLetterGroups(db, { limit: 10 }, here())).items).toMatchObject([
    { count: 1, lastSeenAt: first.at, sample: { jobId: first.id } },
  ])
  await retryJob(db, { jobId: first.id, actor: tester })
  expect((await deadLetterGroups(db, { limit: 10 }, here())).items).toEqual([])
})

test('groups are given by how many they hold where that is asked, page by page', async () => {
  for (const [fingerprint, count] of [
    ['a', 1],
    ['b', 3],
    ['c', 2],
    ['d', 1],
    ['e', 1],
  ] as const)
    for (let n = 0; n < count; n++) await dead(fingerprint)
  const seen: string[] = []
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
    const page = await deadLetterGroups(db, { sort: 'count', limit: 2, cursor }, here())
    seen.push(...page.items.map(({ errorFingerprint, count }) => `${errorFingerprint} ${count}`))
    cursor = page.nextCursor ?? undefined
  }
  expect(seen.slice(0, 2)).toEqual(['b 3', 'c 2'])
  expect(seen.slice(2).sort()).toEqual(['a 1', 'd 1', 'e 1'])
  const byTime = (await deadLetterGroups(db, { limit: 2 }, here())).nextCursor!
  expect((await refusal(deadLetterGroups(db, { sort: 'count', limit: 2, cursor: byTime }, here()))).reason).toBe(
    'INVALID_INPUT',
  )
})

test('where each cause has one row, the row names the job types with their counts', async () => {
  await dead('disk', { ago: DAY })
  await dead('disk', { jobType: 'zero', ago: 2 * DAY })
  await dead('disk', { jobType: 'zero', message: 'Disk 7 of db.acme.com is full' })
  await dead('mail')
  const { items } = await deadLetterGroups(db, { by: 'cause', sort: 'count', limit: 10 }, here())
  expect(
    items.map(({ errorFingerprint, jobType, jobTypes, count }) => ({ errorFingerprint, jobType, jobTypes, count })),
  ).toEqual([
    {
      errorFingerprint: 'disk',
      jobType: 'zero',
      jobTypes: [
        { jobType: 'zero', count: 2, ignored: false },
        { jobType: 'plain', count: 1, ignored: false },
      ],
      count: 3,
    },
    {
      errorFingerprint: 'mail',
      jobType: 'plain',
      jobTypes: [{ jobType: 'plain', count: 1, ignored: false }],
      count: 1,
    },
  ])
  expect(items[0]!.pattern).toBe('Disk ‹number› of ‹host› is full')
  expect(items[0]!.trend.points.reduce((sum, { count }) => sum + count, 0)).toBe(3)
})

test('a trend by the hour covers the last 24 hours', async () => {
  await dead('disk')
  await dead('disk', { ago: 5 * HOUR })
  await dead('disk', { ago: 30 * HOUR })
  const { trend } = (await deadLetterGroups(db, { bucket: 'hour', limit: 10 }, here())).items[0]!
  expect(trend.bucketSeconds).toBe(3_600)
  expect(trend.points).toHaveLength(24)
  expect(trend.points.at(-1)!.count + trend.points.at(-6)!.count).toBe(2)
})

test('a cause is new for a day after its first failed attempt, and figures count dead letters and new causes of a scope', async () => {
  const fresh = await dead('fresh')
  const old = await dead('old')
  await db.$executeRaw`UPDATE job_attempts SET ended_at = ${new Date(Date.now() - 2 * DAY)} WHERE job_id = ${old.id}::uuid`
  const { items } = await deadLetterGroups(db, { limit: 10 }, here())
  const since = Object.fromEntries(items.map(({ errorFingerprint, newSince }) => [errorFingerprint, newSince]))
  expect(since.old).toBeNull()
  expect(Math.abs(since.fresh!.getTime() - fresh.at.getTime())).toBeLessThan(1_000)
  const oldest = await dead('disk', { ago: 3 * DAY })
  expect(await deadLetterFigures(db, here())).toEqual({ dead: 3, newCauses24h: 1, oldestAt: oldest.at })
  await dead('disk', { at: other })
  expect((await deadLetterFigures(db, here())).dead).toBe(3)
  expect((await deadLetterFigures(db, { all: true })).dead).toBe(4)
  expect(await deadLetterFigures(db, { organizationIds: [] })).toEqual({ dead: 0, newCauses24h: 0, oldestAt: null })
})

test('a group tells what was last done about it, and what became of those jobs', async () => {
  for (let n = 0; n < 3; n++) await dead('disk')
  const last = async () => (await deadLetterGroups(db, { limit: 10 }, here())).items[0]!.lastAction
  expect(await last()).toBeNull()
  const left = await dead('disk')
  const { items } = await deadLetterGroups(db, { limit: 10 }, here())
  const jobs = await db.job.findMany({
    where: { errorFingerprint: 'disk', id: { not: left.id } },
    select: { id: true },
  })
  expect(items[0]!.count).toBe(4)
  const act = {
    organizationId: world.organizationId,
    role: 'ADMIN',
    actor: tester,
    address: null,
    reason: 'Disk is larger',
  } as const
  await startBulk(db, { ...act, kind: 'RETRY', selection: { jobIds: jobs.map(({ id }) => id) } })
  expect(await last()).toMatchObject({
    action: 'RETRY',
    by: tester,
    reason: 'Disk is larger',
    jobs: 3,
    followed: 3,
    completed: 0,
    deadAgain: 0,
  })
  const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 10))
  const attemptOf = (at: number) => claimed.find(({ jobId }) => jobId === jobs[at]!.id)!
  await finish(world, ends.complete(attemptOf(0)))
  const again = { message: 'Disk is full', class: 'PERMANENT', fingerprint: 'disk', stack: null } as const
  await finish(world, { ...ends.dead(attemptOf(1)), error: again } as Outcome)
  expect(await last()).toMatchObject({ jobs: 3, followed: 3, completed: 1, deadAgain: 1 })
  await retryJob(db, { jobId: jobs[1]!.id, actor: tester })
  expect(await last()).toMatchObject({
    action: 'RETRY',
    jobs: 1,
    followed: 1,
    completed: 0,
    deadAgain: 0,
    reason: null,
  })
  await dead('disk')
  await deleteJob(db, { jobId: left.id, actor: tester, address: null, reason: 'Useless' })
  expect(await last()).toMatchObject({ action: 'DELETE', jobs: 1, followed: 0, completed: 0, reason: 'Useless' })
})

test('many jobs of one decision add up over its parts, and the first 200 are followed', async () => {
  const one = await dead('disk')
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds,
      rank_at, error_message, error_class, error_fingerprint, finished_at)
    SELECT gen_random_uuid(), organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds,
      rank_at, error_message, error_class, error_fingerprint, finished_at FROM jobs, generate_series(1, 449) WHERE id = ${one.id}::uuid`
  const act = { organizationId: world.organizationId, role: 'ADMIN', actor: tester, address: null } as const
  const { changed } = await startBulk(db, {
    ...act,
    kind: 'RETRY',
    selection: { filter: { errorFingerprint: 'disk' } },
  })
  expect(changed).toBe(450)
  await dead('disk')
  expect((await deadLetterGroups(db, { limit: 10 }, here())).items[0]!.lastAction).toMatchObject({
    jobs: 450,
    followed: 200,
  })
  await pruneCauses(db)
  expect(await db.causeAct.count()).toBe(1)
  await db.$executeRaw`UPDATE cause_acts SET at = ${new Date(Date.now() - 31 * DAY)}`
  await pruneCauses(db)
  expect([await db.causeAct.count(), await db.causeActJob.count()]).toEqual([0, 0])
})

test('an old act is not forgotten while somebody acts again, in a transaction that is not committed yet', async () => {
  const [first, second] = [await dead('disk'), await dead('disk')]
  await retryJob(db, { jobId: first.id, actor: tester })
  await db.$executeRaw`UPDATE cause_acts SET at = ${new Date(Date.now() - 31 * DAY)}`
  const pruned = await db.$transaction(
    async (tx) => {
      await retryJob(tx, { jobId: second.id, actor: tester, reason: 'Disk is larger' })
      const pruning = pruneCauses(db)
      const inTime = await Promise.race([pruning.then(() => true), sleep(5_000, false, { ref: false })])
      return { pruning, inTime }
    },
    { timeout: 60_000 },
  )
  await pruned.pruning
  expect(pruned.inTime).toBe(true)
  expect((await db.causeAct.findMany()).map(({ reason }) => reason)).toEqual(['Disk is larger'])
})

test('an ignored group is left out until its time comes', async () => {
  await dead('disk')
  await dead('mail')
  const cause = { organizationId: world.organizationId, jobType: 'plain', errorFingerprint: 'disk' }
  const until = new Date(Date.now() + DAY)
  const by = { actor: tester, address: null, reason: 'The supplier knows' }
  await ignoreCause(db, { ...cause, ...by, until })
  expect(names((await deadLetterGroups(db, { limit: 10 }, here())).items)).toEqual(['plain mail 1'])
  expect(names((await deadLetterGroups(db, { by: 'cause', limit: 10 }, here())).items)).toEqual(['plain mail 1'])
  const all = (await deadLetterGroups(db, { ignored: true, limit: 10 }, here())).items
  expect(all.find(({ errorFingerprint }) => errorFingerprint === 'disk')!.ignored).toMatchObject({
    until,
    perHour: null,
    by: tester,
    reason: 'The supplier knows',
  })
  expect(await deadLetterFigures(db, here())).toMatchObject({ dead: 2, newCauses24h: 1 })
  await db.$executeRaw`UPDATE ignored_causes SET until = clock_timestamp() - interval '1 second'`
  expect(names((await deadLetterGroups(db, { limit: 10 }, here())).items)).toHaveLength(2)
  await pruneCauses(db)
  expect(await db.ignoredCause.count()).toBe(0)
})

test('whoever asks for ignored groups alone gets them all, also one that is smaller than all others', async () => {
  for (const fingerprint of ['disk', 'disk', 'mail', 'mail', 'rare']) await dead(fingerprint)
  const by = { actor: tester, address: null, reason: 'The supplier knows' }
  await ignoreCause(db, {
    organizationId: world.organizationId,
    jobType: 'plain',
    errorFingerprint: 'rare',
    ...by,
    perHour: 5,
  })
  const only = (limit: number) => deadLetterGroups(db, { sort: 'count', by: 'cause', ignored: 'only', limit }, here())
  expect(names((await only(1)).items)).toEqual(['plain rare 1'])
  expect((await only(1)).nextCursor).toBeNull()
})

test('a cause that is ignored for one job type and comes up in another is in both lists, each with its own job types', async () => {
  await dead('disk')
  const by = { actor: tester, address: null, reason: 'The supplier knows' }
  await ignoreCause(db, {
    organizationId: world.organizationId,
    jobType: 'plain',
    errorFingerprint: 'disk',
    ...by,
    perHour: 5,
  })
  await dead('disk', { jobType: 'zero' })
  const [listed, onlyIgnored, both] = await Promise.all(
    ([false, 'only', true] as const).map(async (ignored) => {
      const { items } = await deadLetterGroups(db, { by: 'cause', ignored, limit: 10 }, here())
      return items.map(({ jobTypes, ignored: how }) => [jobTypes, how?.reason])
    }),
  )
  const zero = { jobType: 'zero', count: 1, ignored: false }
  const plain = { jobType: 'plain', count: 1, ignored: true }
  expect(listed).toEqual([[[zero], undefined]])
  expect(onlyIgnored).toEqual([[[plain], 'The supplier knows']])
  expect(both).toEqual([[[plain, zero], undefined]])
})

test('an ignored group comes back when it happens too often within an hour, and stays', async () => {
  await dead('disk')
  const cause = { organizationId: world.organizationId, jobType: 'plain', errorFingerprint: 'disk' }
  const by = { actor: tester, address: null, reason: 'Rare enough' }
  await ignoreCause(db, { ...cause, ...by, perHour: 2 })
  const shown = async () => (await deadLetterGroups(db, { limit: 10 }, here())).items.length
  for (let n = 0; n < 2; n++) await dead('disk')
  await pruneCauses(db)
  expect(await shown()).toBe(0)
  const third = await dead('disk')
  expect(await shown()).toBe(1)
  // The leader forgets the condition that has ended: a retry does not hide the group again.
  await pruneCauses(db)
  await retryJob(db, { jobId: third.id, actor: tester })
  expect(await shown()).toBe(1)
  await ignoreCause(db, { ...cause, ...by, perHour: 2 })
  expect(await shown()).toBe(0)
  expect(await unignoreCause(db, { ...cause, ...by })).toBe(true)
  expect(await unignoreCause(db, { ...cause, ...by })).toBe(false)
  expect(await shown()).toBe(1)
  const acts = await db.auditEvent.findMany({ where: { targetId: 'plain disk' }, orderBy: { id: 'asc' } })
  expect(acts.map(({ action }) => action).slice(-3)).toEqual([
    'deadLetters.ignore',
    'deadLetters.ignore',
    'deadLetters.unignore',
  ])
})

test('a cause of which no job is dead cannot be ignored, and none can be ignored until a time that has passed', async () => {
  const cause = { organizationId: world.organizationId, jobType: 'plain', errorFingerprint: 'disk' }
  const by = { actor: tester, address: null, reason: 'x' }
  await dead('disk', { at: other })
  expect((await refusal(ignoreCause(db, { ...cause, ...by, perHour: 1 }))).reason).toBe('NOT_FOUND')
  await dead('disk')
  const refused = await refusal(ignoreCause(db, { ...cause, ...by, until: new Date(Date.now() - 1_000) }))
  expect(refused).toMatchObject({ reason: 'INVALID_INPUT', data: { fields: [{ path: 'until' }] } })
})

test('groups of dead letters are read by indexes, and no table of jobs from end to end', async () => {
  await dead('disk')
  const plans = await plansOf(db, async (tx) => {
    for (const scope of [{ all: true } as const, here()]) {
      await deadLetterGroups(tx, { limit: 10 }, scope)
      await deadLetterGroups(tx, { by: 'cause', sort: 'count', limit: 10 }, scope)
      await deadLetterFigures(tx, scope)
    }
  })
  expect(plans).toHaveLength(6)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (jobs|job_attempts)/)
})
