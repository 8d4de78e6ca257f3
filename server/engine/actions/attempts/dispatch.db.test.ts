import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clearJobs, ends, holding, openWorld, tester, unique, workerId } from '@/testing/engine'
import { claimJobs, dispatchJobs, finishAttempts, submitJobs, type SubmitInput } from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 20, workload: 'hotPath' })
/** Organizations with a backlog each. */
let [large, small, third]: [string, string, string] = ['', '', '']

beforeAll(async () => {
  ;[large, small] = [world.organizationId, world.otherOrganizationId]
  third = uuidv7()
  await db.organization.create({ data: { id: third, name: 'Initech', slug: 'initech' } })
})
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  await db.organization.updateMany({ data: { maxConcurrent: null, status: 'ACTIVE' } })
  await db.jobType.updateMany({ data: { concurrencyGlobal: null, concurrencyPerOrganization: null } })
})

/** Makes so many jobs that wait. Returns their ids in order. */
async function backlog(organizationId: string, count: number, job: Partial<SubmitInput> = {}): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => ({ jobType: 'plain', parameters: unique(), ...job }))
  return (await submitJobs(db, { organizationId, jobs, actor: tester })).map(({ id }) => id)
}

const take = async (limit: number) => (await dispatchJobs(db, 'INLINE', limit)).map(({ jobId }) => jobId)
/** Makes jobs as old as if they had been submitted so many minutes ago. */
const age = (ids: string[], minutes: number) => db.$executeRaw`
  UPDATE jobs SET rank_at = rank_at - ${minutes} * interval '1 minute', run_at = run_at - ${minutes} * interval '1 minute' WHERE id = ANY(${ids}::uuid[])`

describe('turns between organizations', () => {
  test('one job behind a large backlog of another organization is in the next batch', async () => {
    const many = await backlog(large, 300)
    const [single] = await backlog(small, 1)
    expect(await take(2)).toEqual([many[0], single])
  })

  test('organizations take turns, and what each has in flight counts', async () => {
    const a = await backlog(large, 20)
    const b = await backlog(small, 20)
    const c = await backlog(third, 20)
    expect(await take(6)).toEqual([a[0], b[0], c[0], a[1], b[1], c[1]])
    // Jobs in flight already count as turns that the organization has taken.
    const d = await db.organization.create({ data: { id: uuidv7(), name: 'Late', slug: `late-${Date.now()}` } })
    const late = await backlog(d.id, 20)
    expect(await take(3)).toEqual([late[0], late[1], a[2]])
  })

  test('an organization with nothing in flight goes to the head of the queue while others have jobs in flight', async () => {
    await backlog(large, 10)
    expect((await dispatchJobs(db, 'INLINE', 5)).map(({ ahead }) => ahead)).toEqual([false, false, false, false, false])
    const [single] = await backlog(small, 2)
    const next = await dispatchJobs(db, 'INLINE', 3)
    expect(next.filter(({ ahead }) => ahead).map(({ jobId }) => jobId)).toEqual([single])
  })

  test('a batch is filled from one organization where the others have few jobs', async () => {
    await backlog(large, 400)
    await backlog(small, 1)
    // Several rounds are allowed: of each lane a round reads no more than twice its even part (store/lanes.ts).
    const taken = new Set<string>()
    for (let got = await take(200); got.length > 0 && taken.size < 200; got = await take(200 - taken.size))
      got.forEach((id) => taken.add(id))
    expect(taken.size).toBe(200)
  })
})

describe('slots that are kept', () => {
  /**
   * Leaves one worker, with so many slots. Of these one in eight is kept, and at least one, unless there is only one slot
   * or one organization. Jobs count as long where a test does not name them as short.
   */
  const slots = async (inlineSlots: number, isolatedSlots = 0) => {
    await db.worker.deleteMany()
    await db.worker.create({ data: { id: uuidv7(), host: 'test', pid: 1, inlineSlots, isolatedSlots } })
  }
  afterEach(() => db.worker.deleteMany())

  test('long jobs of two organizations leave one slot of four, and the first job of a third gets it', async () => {
    await slots(4)
    await backlog(large, 20)
    expect(await take(10)).toHaveLength(3)
    expect(await take(10)).toEqual([])
    const [b] = await backlog(small, 20)
    expect(await take(10)).toEqual([b])
    expect(await take(10)).toEqual([])
    await clearJobs(db)
    await backlog(large, 20)
    await backlog(small, 20)
    expect(await take(10)).toHaveLength(3)
    const [c] = await backlog(third, 2)
    expect(await take(10)).toEqual([c])
  })

  test('several dispatchers at once leave the kept slots free, too: two of sixteen', async () => {
    for (let round = 0; round < 5; round++) {
      await slots(16)
      await backlog(large, 40)
      await backlog(small, 40)
      const taken = await Promise.all(Array.from({ length: 8 }, () => take(10)))
      expect(taken.flat()).toHaveLength(14)
      await clearJobs(db)
    }
  })

  test('jobs measured to be short lie in the queue beyond the other slots and yield the last, until one of them is seen to run long', async () => {
    await slots(4)
    await backlog(large, 40)
    const taken = await dispatchJobs(db, 'INLINE', 8, [{ organizationId: large, jobType: 'plain' }])
    expect(taken.map(({ yields }) => yields)).toEqual([false, false, false, true, true, true, true, true])
    // The first of another organization yields to nobody.
    await backlog(small, 2)
    expect((await dispatchJobs(db, 'INLINE', 1)).map(({ ahead, yields }) => [ahead, yields])).toEqual([[true, false]])
    await claimJobs(db, workerId, taken.slice(0, 1))
    // Short jobs end within a second.
    await db.$executeRaw`UPDATE jobs SET started_at = started_at - interval '2 seconds' WHERE status = 'RUNNING'`
    expect(await dispatchJobs(db, 'INLINE', 8, [{ organizationId: large, jobType: 'plain' }])).toEqual([])
  })

  test('long jobs among short ones yield the last slot, too', async () => {
    await slots(4)
    await backlog(large, 8)
    await dispatchJobs(db, 'INLINE', 8, [{ organizationId: large, jobType: 'plain' }])
    await backlog(large, 8, { jobType: 'zero' })
    const long = await dispatchJobs(db, 'INLINE', 8, [{ organizationId: large, jobType: 'plain' }])
    expect(long.map(({ jobType, yields }) => [jobType, yields])).toEqual(Array(3).fill(['zero', true]))
  })

  test('jobs measured to be short get no place beyond the others’ slots while long jobs have all of these', async () => {
    await slots(4)
    await backlog(large, 8)
    expect(await take(10)).toHaveLength(3)
    await backlog(large, 8, { jobType: 'zero' })
    expect(await dispatchJobs(db, 'INLINE', 8, [{ organizationId: large, jobType: 'zero' }])).toEqual([])
  })

  test('how long jobs of a type run in another organization does not matter for the slots that are kept', async () => {
    await slots(4)
    await backlog(large, 20)
    expect(await dispatchJobs(db, 'INLINE', 8, [{ organizationId: small, jobType: 'plain' }])).toHaveLength(3)
  })

  test('a worker that replaces a killed one keeps a slot, although the slots of both count until the killed one is lost', async () => {
    await slots(4)
    await db.worker.updateMany({ data: { startedAt: new Date(Date.now() - 60_000) } })
    const [killed] = await db.worker.findMany()
    await backlog(large, 40)
    await claimJobs(db, killed!.id, await dispatchJobs(db, 'INLINE', 10))
    await db.worker.create({ data: { id: workerId, host: 'test', pid: 2, inlineSlots: 4, isolatedSlots: 0 } })
    expect(await take(10)).toHaveLength(3)
    // The killed worker is lost now. Four slots are left. The three jobs that were just taken fill them but for the one
    // that is kept, which the first job of another organization gets.
    await db.worker.updateMany({ where: { id: killed!.id }, data: { lastSeenAt: new Date(Date.now() - 60_000) } })
    await db.worker.updateMany({ where: { id: workerId }, data: { startedAt: new Date(Date.now() - 60_000) } })
    expect(await take(10)).toEqual([])
    const [b] = await backlog(small, 2)
    expect(await take(10)).toEqual([b])
  })

  test('long jobs that a worker finishes while it drains take nothing from the worker that replaces it', async () => {
    await slots(4)
    const [draining] = await db.worker.findMany()
    await backlog(large, 40)
    await claimJobs(db, draining!.id, await dispatchJobs(db, 'INLINE', 10))
    await db.worker.updateMany({ data: { drainingAt: new Date() } })
    await db.worker.create({ data: { id: workerId, host: 'test', pid: 2, inlineSlots: 4, isolatedSlots: 0 } })
    expect(await take(10)).toHaveLength(3)
  })

  test('no slot is kept where there is only one organization or only one slot', async () => {
    await slots(1)
    await backlog(large, 20)
    expect(await take(2)).toHaveLength(2)
    await clearJobs(db)
    await slots(4)
    await db.organization.updateMany({ where: { id: { not: large } }, data: { status: 'SUSPENDED' } })
    await backlog(large, 20)
    expect(await take(8)).toHaveLength(8)
  })
})

describe('priority within an organization', () => {
  test('within an organization the higher priority goes first, then the older job', async () => {
    const [low] = await backlog(large, 1, { priority: 'LOW' })
    const [normal, younger] = await backlog(large, 2)
    const [critical] = await backlog(large, 1, { priority: 'CRITICAL' })
    const [high] = await backlog(large, 1, { priority: 'HIGH' })
    expect(await take(10)).toEqual([critical, high, normal, younger, low])
  })

  test('a LOW job does not starve, because it rises one priority every 10 minutes', async () => {
    const [low] = await backlog(large, 1, { priority: 'LOW' })
    const [old] = await backlog(large, 1, { priority: 'LOW' })
    await age([low!], 11)
    await age([old!], 31)
    const [normal] = await backlog(large, 1)
    const [critical] = await backlog(large, 1, { priority: 'CRITICAL' })
    expect(await take(10)).toEqual([old, critical, low, normal])
  })

  test('a high priority job for a later time does not go before that time', async () => {
    const soon = new Date(Date.now() + 20 * 60_000)
    await backlog(large, 50, { priority: 'CRITICAL', runAt: soon })
    const [now] = await backlog(large, 1, { priority: 'LOW' })
    expect(await take(10)).toEqual([now])
    expect(await take(10)).toEqual([])
  })
})

describe('what is held back as a whole', () => {
  const pause = (scope: 'PLATFORM' | 'JOB_TYPE' | 'ORGANIZATION', target: string) =>
    db.pause.create({ data: { scope, target, pausedBy: tester as object } })

  test.each([
    ['the platform', () => pause('PLATFORM', '')],
    ['the job type', () => pause('JOB_TYPE', 'plain')],
    ['the organization', () => pause('ORGANIZATION', large)],
  ])('a pause of %s holds its jobs, and only them, until it ends', async (what, begin) => {
    const [held] = await backlog(large, 1)
    const [otherType] = await backlog(large, 1, { jobType: 'zero' })
    const [otherOrganization] = await backlog(small, 1, { jobType: 'zero' })
    const paused = await begin()
    const expected = {
      'the platform': [],
      'the job type': [otherType, otherOrganization],
      'the organization': [otherOrganization],
    }[what]
    expect((await take(10)).sort()).toEqual([...expected!].sort())
    await db.pause.delete({ where: { scope_target: { scope: paused.scope, target: paused.target } } })
    expect(await take(10)).toContain(held)
  })

  test('jobs of a suspended organization and of a disabled type wait', async () => {
    const [suspended] = await backlog(large, 1)
    const [disabled] = await backlog(small, 1, { jobType: 'zero' })
    await db.organization.update({ where: { id: large }, data: { status: 'SUSPENDED' } })
    await db.jobType.update({ where: { name: 'zero' }, data: { enabled: false } })
    expect(await take(10)).toEqual([])
    await db.organization.update({ where: { id: large }, data: { status: 'ACTIVE' } })
    await db.jobType.update({ where: { name: 'zero' }, data: { enabled: true } })
    expect((await take(10)).sort()).toEqual([suspended, disabled].sort())
  })
})

describe('concurrency limits', () => {
  test('a concurrency limit of 0 lets nothing run, and null is no limit', async () => {
    await backlog(large, 3)
    await db.organization.update({ where: { id: large }, data: { maxConcurrent: 0 } })
    expect(await take(10)).toEqual([])
    await db.organization.update({ where: { id: large }, data: { maxConcurrent: null } })
    expect(await take(10)).toHaveLength(3)
  })

  test('a concurrency limit that is reached holds its own jobs, and not those behind them', async () => {
    await db.jobType.update({ where: { name: 'plain' }, data: { concurrencyGlobal: 1 } })
    await db.organization.update({ where: { id: large }, data: { maxConcurrent: 3 } })
    const [first] = await backlog(large, 5)
    const others = await backlog(large, 5, { jobType: 'zero' })
    // A job of another organization, but of the type whose limit is reached.
    await backlog(small, 1)
    expect(await take(10)).toEqual([first, others[0], others[1]])
    expect(await take(10)).toEqual([])
  })

  test.each([
    ['the organization', { organization: 4 }],
    ['the job type', { global: 4 }],
    ['the job type in each organization', { pair: 4 }],
  ] as const)('the concurrency limit of %s holds at every moment under 8 workers', async (_, limit) => {
    if ('organization' in limit) await db.organization.update({ where: { id: large }, data: { maxConcurrent: 4 } })
    else
      await db.jobType.update({
        where: { name: 'plain' },
        data: {
          concurrencyGlobal: 'global' in limit ? 4 : null,
          concurrencyPerOrganization: 'pair' in limit ? 4 : null,
        },
      })
    await backlog(large, 60)
    if (!('organization' in limit)) await backlog(small, 60)
    const total = 'organization' in limit ? 60 : 120
    let done = 0
    const worker = async (n: number) => {
      while (done < total) {
        const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 1 + (n % 4)))
        if (claimed.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
        const ended = await finishAttempts(
          db,
          claimed.map((job) => ends.complete(job)),
        )
        done += ended.length
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)))
    const reached = await most('pair' in limit ? 'organization' : 'all')
    expect(reached).toHaveLength('pair' in limit ? 2 : 1)
    // Of two organizations, one may be so slow that it never has its four in flight.
    expect(Math.max(...reached)).toBe(4)
    expect(await db.job.count({ where: { status: 'COMPLETED' } })).toBe(total)
  })
})

test('a run time in the past means now, and gives a job no precedence', async () => {
  const [first] = await backlog(large, 1)
  const [second] = await backlog(large, 1, { runAt: new Date(Date.now() - 86_400_000) })
  expect(await take(1)).toEqual([first])
  expect(await take(1)).toEqual([second])
})

test('a dispatcher waits for another that has counted and not yet committed', async () => {
  await db.jobType.update({ where: { name: 'plain' }, data: { concurrencyGlobal: 1 } })
  const [first] = await backlog(large, 1)
  const [urgent] = await backlog(small, 1, { priority: 'CRITICAL', runAt: new Date(Date.now() + 3_600_000) })
  // The first dispatcher is stopped where its history is written, so it has chosen its job. Then a better job comes for
  // the second.
  await db.$executeRaw`CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(4242); RETURN NULL; END'`
  await db.$executeRaw`CREATE TRIGGER wait_here BEFORE INSERT ON execution_logs FOR EACH STATEMENT EXECUTE FUNCTION wait_here()`
  const ended = await holding(world, 'SELECT pg_advisory_xact_lock(4242)', [], async (waiting) => {
    const one = take(10)
    await waiting(1)
    await age([urgent!], 120)
    const other = take(10)
    await waiting(2)
    return [one, other]
  })
  await db.$executeRaw`DROP FUNCTION wait_here CASCADE`
  expect(ended).toEqual([
    { status: 'fulfilled', value: [first] },
    { status: 'fulfilled', value: [] },
  ])
})

/** The most jobs that were QUEUED or RUNNING at once, by the history. Each job enters once and leaves once. */
async function most(of: 'all' | 'organization'): Promise<number[]> {
  const rows = await db.$queryRaw<{ most: number }[]>`
    SELECT max(held)::int AS most FROM (
      SELECT part, sum(CASE WHEN to_status = 'QUEUED' THEN 1 WHEN to_status = 'COMPLETED' THEN -1 ELSE 0 END) OVER (PARTITION BY part ORDER BY at, id) AS held
      FROM (SELECT *, CASE WHEN ${of === 'organization'} THEN organization_id::text ELSE 'all' END AS part FROM execution_logs) l
      WHERE to_status IN ('QUEUED', 'COMPLETED')) s GROUP BY part`
  return rows.map((row) => row.most)
}
