import { beforeAll, describe, expect, test } from 'vitest'
import { Prisma } from '@/server/db'
import { rerunJob, startBulk } from '../../index'
import { cancelJobs } from '../../actions/jobs/cancel'
import { ends, finish, openWorld, runningMany, submit, tester } from '@/testing/engine'
import type { JobFilter, JobStatus, Scope } from '../../domain/types'
import { matchingIds } from './filter'
import { countJobs, listJobs } from './job-lists'

/**
 * A filter without reasons for which jobs wait. `matchingIds` takes the places where such jobs stand instead, which
 * waiting.db.test.ts tests.
 */
type PlainFilter = Omit<JobFilter, 'waitingFor'>

const { db, world } = await openWorld({ max: 12 })
const here: Scope = { organizationIds: [world.organizationId] }
const everywhere: Scope = { all: true }
/** The jobs end in the hours to come, as none ends before it is submitted. */
const at = (hours: number) => new Date(Date.now() + hours * 3_600_000)

interface Ended {
  id: string
  status: JobStatus
  finished_at: Date | null
  error_fingerprint: string | null
}
let all: Ended[]

// Sixty jobs, of which 55 end within the next 22 hours, behind a backlog of 2,600 waiting jobs. Ids of the backlog are
// random, so nearly all of these count as younger. They are more than the 2,000 newest that ended.ts looks at first.
// That matters to filters without an upper bound that allow COMPLETED; other filters leave the backlog out by id or
// status.
beforeAll(async () => {
  const claimed = await runningMany(world, 40)
  for (const [n, one] of claimed.entries()) await finish(world, n % 3 === 0 ? ends.dead(one) : ends.complete(one))
  const waiting = await Promise.all(Array.from({ length: 20 }, () => submit(world)))
  await cancelJobs(db, { jobIds: waiting.slice(0, 15).map(({ id }) => id), actor: tester })
  // As if each had ended at its own hour, the attempt a moment after its job.
  await db.$executeRaw`
    WITH hours AS (SELECT id, row_number() OVER (ORDER BY md5(id::text)) * interval '24 minutes' AS age FROM jobs WHERE finished_at IS NOT NULL),
    moved AS (UPDATE jobs j SET finished_at = now() + h.age FROM hours h WHERE j.id = h.id RETURNING j.id, j.finished_at)
    UPDATE job_attempts a SET ended_at = m.finished_at + interval '20 ms' FROM moved m WHERE a.job_id = m.id`
  await db.$executeRaw`
    WITH made AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, submitted_by_type, submitted_by_name, max_retries, timeout_seconds, rank_at)
      SELECT gen_random_uuid(), ${world.organizationId}::uuid, 'plain', 1, 'INLINE', 'USER', 'u', 0, 60, now() FROM generate_series(1, 2600) RETURNING id
    )
    INSERT INTO job_inputs (job_id, organization_id, job_type, parameters) SELECT id, ${world.organizationId}::uuid, 'plain', '{}' FROM made`
  all = await db.$queryRaw<Ended[]>`SELECT id, status, finished_at, error_fingerprint FROM jobs ORDER BY id DESC`
})

const cases: [string, PlainFilter, (job: Ended) => boolean][] = [
  ['in an hour or later', { endedAfter: at(1) }, () => true],
  ['before six hours have passed', { endedBefore: at(6) }, () => true],
  ['between three and twelve hours', { endedAfter: at(3), endedBefore: at(12) }, () => true],
  ['with a status', { endedAfter: at(6), status: ['DEAD_LETTER'] }, (j) => j.status === 'DEAD_LETTER'],
  ['with COMPLETED', { endedAfter: at(6), status: ['COMPLETED'] }, (j) => j.status === 'COMPLETED'],
  ['with a status that has not ended', { endedAfter: at(6), status: ['PENDING'] }, () => false],
  ['before any of them was submitted', { endedBefore: new Date(Date.now() - 3_600_000) }, () => false],
  ['with an error', { endedAfter: at(2), errorFingerprint: 'broken' }, (j) => j.error_fingerprint === 'broken'],
  ['with a type', { endedAfter: at(2), jobType: ['plain'] }, () => true],
  ['with another type', { endedAfter: at(2), jobTypePrefix: 'str' }, () => false],
  ['with a word', { endedAfter: at(2), search: 'broken' }, (j) => j.error_fingerprint === 'broken'],
  ['in a stretch that ends before it begins', { endedAfter: at(5), endedBefore: at(3) }, () => false],
]

describe.each([
  ['one organization', here],
  ['everything', everywhere],
])('over %s', (_, scope) => {
  test.each(cases)(
    'jobs that ended %s are found, newest first, page by page, and counted',
    async (_name, filter, fits) => {
      const within = ({ finished_at: end }: Ended) =>
        end !== null &&
        (!filter.endedAfter || end >= filter.endedAfter) &&
        (!filter.endedBefore || end < filter.endedBefore)
      const expected = all.filter((job) => within(job) && fits(job)).map(({ id }) => id)
      const found: string[] = []
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await listJobs(db, { filter, cursor, limit: 7 }, scope)
        found.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor ?? undefined
      }
      expect(found).toEqual(expected)
      expect(await countJobs(db, filter, scope)).toEqual({ count: expected.length, capped: false })
      const query = matchingIds(filter, scope, { limit: 100_000 })
      expect(query ? (await db.$queryRaw<{ id: string }[]>(query)).map(({ id }) => id) : []).toEqual(expected)
    },
  )

  test.each(cases)('jobs that ended %s are read by indexes', async (_name, filter) => {
    // The job at index 2,620 is one of the sixty.
    for (const cut of [{ limit: 26 }, { limit: 26, before: all[2_620]!.id }, { limit: 10_001, ordered: false }]) {
      const query = matchingIds(filter, scope, cut)
      if (!query) continue
      const plan = await db.$transaction(async (tx) => {
        await tx.$executeRaw`SET LOCAL enable_seqscan = off`
        return tx.$queryRaw<{ 'QUERY PLAN': string }[]>(Prisma.sql`EXPLAIN ${query}`)
      })
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(
        /Seq Scan on (jobs|job_inputs|job_search|job_attempts)/,
      )
    }
  })
})

test('a bulk action takes those that ended in a stretch of time, and no others', async () => {
  const filter = { endedAfter: at(3), endedBefore: at(20), status: ['CANCELED' as const] }
  const { count } = await countJobs(db, filter, here)
  expect(count).toBeGreaterThan(0)
  const asked = { kind: 'DELETE', organizationId: world.organizationId, selection: { filter }, role: 'ADMIN' } as const
  const done = await startBulk(db, { ...asked, ownOnly: false, actor: tester, address: null })
  expect(done).toMatchObject({ matched: count, changed: count })
  expect(await countJobs(db, filter, here)).toEqual({ count: 0, capped: false })
})

// The other index question of docs/decisions/0061.
test('jobs that repeat another are found by it, with whatever else is asked', async () => {
  const old = await submit(world, { parameters: { customer: 'Acme' } })
  const first = await rerunJob(db, { jobId: old.id, actor: tester })
  const second = await rerunJob(db, { jobId: old.id, patch: { customer: 'Hooli' }, priority: 'LOW', actor: tester })
  const found = async (more: PlainFilter) =>
    (await listJobs(db, { filter: { rerunOf: old.id, ...more }, limit: 9 }, here)).items.map(({ id }) => id)
  expect(await found({})).toEqual([second.id, first.id])
  expect(await found({ priority: ['LOW'], status: ['PENDING'] })).toEqual([second.id])
  expect(await found({ search: 'hooli' })).toEqual([second.id])
  expect(await found({ args: [{ path: 'customer', value: 'Acme' }] })).toEqual([first.id])
  expect(await found({ endedAfter: at(1) })).toEqual([])
  const elsewhere = { organizationIds: [world.otherOrganizationId] }
  expect(await countJobs(db, { rerunOf: old.id }, elsewhere)).toEqual({ count: 0, capped: false })
})
