import { v7 as uuidv7 } from 'uuid'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { Prisma } from '@/server/db'
import type { JobFilter, JobStatus, Scope } from '../../domain/types'
import { indexJobs } from '../../actions/upkeep/index-jobs'
import { countJobs, listJobs } from './job-lists'
import { matchingIds } from './filter'
import { metricsOverview, metricsTimeseries } from './metrics'

/**
 * A filter without reasons for which jobs wait. `matchingIds` takes the places where such jobs stand instead, which
 * waiting.db.test.ts tests.
 */
type PlainFilter = Omit<JobFilter, 'waitingFor'>

const STATUSES: JobStatus[] = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'TIMED_OUT',
  'CANCELED',
  'DEAD_LETTER',
]
const TYPES = ['mail.send', 'mail.digest', 'report.day']
const PRIORITIES = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const
const NOW = Date.now()

interface Made {
  id: string
  organizationId: string
  jobType: string
  status: JobStatus
  priority: (typeof PRIORITIES)[number]
  submittedById: string
  parameters: {
    order: { id: number; lines: { sku: string }[]; deep: object }
    'order.id': number
    note: string
    ok: boolean
  }
  fingerprint: string | null
  createdAt: Date
}

const { db } = await openDatabase()
const organizations = [uuidv7(), uuidv7()]
const submitters = [uuidv7(), uuidv7()]
const made: Made[] = []

beforeAll(async () => {
  for (const [n, id] of organizations.entries())
    await db.organization.create({ data: { id, name: `o${n}`, slug: `o${n}` } })
  for (const name of TYPES) {
    await db.jobType.create({ data: { name, displayName: name, handler: 'sample.noop', parameterSchema: {} } })
    await db.jobTypeVersion.create({ data: { jobType: name, version: 1, config: { title: '{note}' }, createdBy: {} } })
  }
  for (let n = 0; n < 240; n++) {
    const createdAt = new Date(NOW - (240 - n) * 60_000)
    const status = STATUSES[(n * 5 + 3) % 8]!
    made.push({
      id: uuidv7({ msecs: createdAt.getTime() }),
      organizationId: organizations[n % 2]!,
      jobType: TYPES[n % 3]!,
      status,
      priority: PRIORITIES[n % 4]!,
      submittedById: submitters[(n >> 1) % 2]!,
      parameters: {
        order: {
          id: n % 10,
          lines: [{ sku: `sku${n % 7}` }],
          deep: { er: { still: { tags: ['first', `tag${n % 7}`] } } },
        },
        'order.id': n % 6,
        note: `Parcel number${n % 5} to Zürich`,
        ok: n % 2 === 0,
      },
      fingerprint: status === 'DEAD_LETTER' || status === 'FAILED' || status === 'TIMED_OUT' ? `f${n % 3}` : null,
      createdAt,
    })
  }
  for (const job of made) await insert(job)
  expect(await indexJobs(db, null)).toEqual({ indexed: made.length, before: null })
})

async function insert(job: Made): Promise<void> {
  const final = ['COMPLETED', 'CANCELED', 'DEAD_LETTER'].includes(job.status)
  await db.job.create({
    data: {
      id: job.id,
      organizationId: job.organizationId,
      jobType: job.jobType,
      jobTypeVersion: 1,
      queue: 'INLINE',
      status: job.status,
      priority: job.priority,
      submittedByType: 'USER',
      submittedById: job.submittedById,
      submittedByName: 'u',
      maxRetries: 5,
      timeoutSeconds: 300,
      runAt: job.createdAt,
      // Ten minutes earlier for each priority above LOW (store/rank.ts).
      rankAt: new Date(job.createdAt.getTime() - PRIORITIES.indexOf(job.priority) * 600_000),
      createdAt: job.createdAt,
      errorMessage: job.fingerprint ? 'boom' : null,
      errorClass: job.fingerprint ? 'TRANSIENT' : null,
      errorFingerprint: job.fingerprint,
      nextRetryAt: job.status === 'FAILED' || job.status === 'TIMED_OUT' ? job.createdAt : null,
      finishedAt: final ? job.createdAt : null,
      canceledAt: job.status === 'CANCELED' ? job.createdAt : null,
      ...(['QUEUED', 'RUNNING'].includes(job.status) ? { queuedAt: job.createdAt, dispatch: 1 } : {}),
      ...(job.status === 'RUNNING'
        ? { startedAt: job.createdAt, attempt: 1, workerId: uuidv7(), leaseUntil: new Date() }
        : {}),
      input: {
        create: {
          organizationId: job.organizationId,
          jobType: job.jobType,
          priority: job.priority,
          submittedById: job.submittedById,
          parameters: job.parameters,
          createdAt: job.createdAt,
        },
      },
    },
  })
  // As transitions count it.
  await db.usageDelta.create({
    data: {
      organizationId: job.organizationId,
      delta: final ? 0 : 1,
      completed: Number(job.status === 'COMPLETED'),
      canceled: Number(job.status === 'CANCELED'),
      dead: Number(job.status === 'DEAD_LETTER'),
    },
  })
}

const everything: Scope = { all: true }
const one: Scope = { organizationIds: [organizations[0]!] }
const both: Scope = { organizationIds: organizations }

const cases: [string, PlainFilter, (job: Made) => boolean][] = [
  ['nothing', {}, () => true],
  ['an organization', { organizationId: organizations[1] }, (j) => j.organizationId === organizations[1]],
  ['unfinished statuses', { status: ['PENDING', 'RUNNING'] }, (j) => ['PENDING', 'RUNNING'].includes(j.status)],
  ['COMPLETED', { status: ['COMPLETED'] }, (j) => j.status === 'COMPLETED'],
  [
    'COMPLETED and another',
    { status: ['COMPLETED', 'DEAD_LETTER'] },
    (j) => ['COMPLETED', 'DEAD_LETTER'].includes(j.status),
  ],
  ['types', { jobType: ['mail.send', 'report.day'] }, (j) => j.jobType !== 'mail.digest'],
  [
    'a type and a status',
    { jobType: ['mail.send'], status: ['FAILED'] },
    (j) => j.jobType === 'mail.send' && j.status === 'FAILED',
  ],
  ['a prefix', { jobTypePrefix: 'mail.' }, (j) => j.jobType.startsWith('mail.')],
  [
    'a prefix and COMPLETED',
    { jobTypePrefix: 'mail.', status: ['COMPLETED'] },
    (j) => j.jobType.startsWith('mail.') && j.status === 'COMPLETED',
  ],
  ['priorities', { priority: ['LOW', 'CRITICAL'] }, (j) => j.priority === 'LOW' || j.priority === 'CRITICAL'],
  ['a submitter', { submittedById: submitters[1] }, (j) => j.submittedById === submitters[1]],
  ['a word, whatever its case', { search: 'ZÜRICH number3' }, (j) => j.parameters.note.includes('number3')],
  ['the beginnings of words', { search: 'züri numb parc' }, () => true],
  ['the middle of a word', { search: 'umber' }, () => false],
  ['a part of a compound', { search: 'sku2' }, (j) => j.parameters.order.lines[0]!.sku === 'sku2'],
  ['words that are never together', { search: 'number1 number2' }, () => false],
  [
    'a word and the statuses',
    { search: 'number3', status: ['COMPLETED', 'FAILED'] },
    (j) => j.parameters.note.includes('number3') && ['COMPLETED', 'FAILED'].includes(j.status),
  ],
  [
    'a word and a few statuses',
    { search: 'number3', status: ['DEAD_LETTER'] },
    (j) => j.parameters.note.includes('number3') && j.status === 'DEAD_LETTER',
  ],
  [
    'a word, a type and a priority',
    { search: 'number3', jobType: ['mail.send'], priority: ['LOW'] },
    (j) => j.parameters.note.includes('number3') && j.jobType === 'mail.send' && j.priority === 'LOW',
  ],
  [
    'a word and a value',
    { search: 'number3', args: [{ path: 'ok', value: true }] },
    (j) => j.parameters.note.includes('number3') && j.parameters.ok,
  ],
  ['a word of an error', { search: 'boom' }, (j) => j.fingerprint !== null],
  [
    'a word of an error and one of the parameters',
    { search: 'boom number3' },
    (j) => j.fingerprint !== null && j.parameters.note.includes('number3'),
  ],
  [
    'a word and an error',
    { search: 'number3', errorFingerprint: 'f1' },
    (j) => j.fingerprint === 'f1' && j.parameters.note.includes('number3'),
  ],
  ['a word of the title, whatever its case', { title: 'ZÜRICH numb' }, () => true],
  ['a word of the title that few have', { title: 'number3' }, (j) => j.parameters.note.includes('number3')],
  ['a word of the title that only parameters have', { title: 'sku2' }, () => false],
  ['a word of the title that only errors have', { title: 'boom' }, () => false],
  ['the middle of a word of the title', { title: 'umber' }, () => false],
  [
    'a word of the title and another of the parameters',
    { title: 'number3', search: 'sku2' },
    (j) => j.parameters.note.includes('number3') && j.parameters.order.lines[0]!.sku === 'sku2',
  ],
  [
    'a word of the title and one of the error',
    { title: 'number3', search: 'boom' },
    (j) => j.parameters.note.includes('number3') && j.fingerprint !== null,
  ],
  [
    'a word of the title and a status',
    { title: 'number3', status: ['DEAD_LETTER'] },
    (j) => j.parameters.note.includes('number3') && j.status === 'DEAD_LETTER',
  ],
  ['no word of the title at all', { title: '--' }, () => false],
  ['a job that none repeats', { rerunOf: organizations[0] }, () => false],
  ['a schedule that submitted none', { scheduleId: organizations[0] }, () => false],
  ['no word at all', { search: '-- / --' }, () => false],
  ['a value', { args: [{ path: 'order.id', value: 4 }] }, (j) => j.parameters.order.id === 4],
  [
    'a name with a dot, which is not the same as two names',
    { args: [{ path: '"order.id"', value: 4 }] },
    (j) => j.parameters['order.id'] === 4,
  ],
  ['a value of another type', { args: [{ path: 'order.id', value: '4' }] }, () => false],
  [
    'one of several values',
    { args: [{ path: 'order.id', values: ['4', 4, 6] }] },
    (j) => [4, 6].includes(j.parameters.order.id),
  ],
  [
    'a value inside a list',
    { args: [{ path: 'order.lines.0.sku', value: 'sku2' }] },
    (j) => j.parameters.order.lines[0]!.sku === 'sku2',
  ],
  [
    'a value of a list deep in the parameters',
    { args: [{ path: 'order.deep.er.still.tags.1', value: 'tag2' }] },
    (j) => j.parameters.order.lines[0]!.sku === 'sku2',
  ],
  [
    'two values and a status',
    {
      args: [
        { path: 'order.id', value: 4 },
        { path: 'ok', value: true },
      ],
      status: ['CANCELED'],
    },
    (j) => j.parameters.order.id === 4 && j.parameters.ok && j.status === 'CANCELED',
  ],
  ['part of an object is not equal to it', { args: [{ path: 'order', value: { id: 4 } }] }, () => false],
  ['a fingerprint', { errorFingerprint: 'f1' }, (j) => j.fingerprint === 'f1'],
  [
    'waiting long',
    { waitingLongerThanSeconds: 7200 },
    (j) => ['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'].includes(j.status) && NOW - j.createdAt.getTime() >= 7_200_000,
  ],
  [
    'a time',
    { createdAfter: new Date(NOW - 100 * 60_000), createdBefore: new Date(NOW - 50 * 60_000) },
    (j) => j.createdAt.getTime() >= NOW - 100 * 60_000 && j.createdAt.getTime() < NOW - 50 * 60_000,
  ],
]

describe('filters of jobs', () => {
  for (const [scopeName, scope] of [
    ['everything', everything],
    ['one organization', one],
    ['two organizations', both],
  ] as const) {
    it.each(cases)(`jobs are found by %s, newest first, in ${scopeName}`, async (_, filter, fits) => {
      const visible = made.filter((job) => 'all' in scope || scope.organizationIds.includes(job.organizationId))
      const expected = visible
        .filter(fits)
        .map(({ id }) => id)
        .sort()
        .reverse()
      const found: string[] = []
      for (let cursor: string | undefined, more = true; more;) {
        const page = await listJobs(db, { filter, cursor, limit: 37 }, scope)
        expect(page.items.length).toBeLessThanOrEqual(37)
        found.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor ?? undefined
        more = page.nextCursor !== null
      }
      expect(found).toEqual(expected)
      expect(await countJobs(db, filter, scope)).toEqual({ count: expected.length, capped: false })
    })
  }

  it('a job is found by its id', async () => {
    const job = made[17]!
    expect(
      (await listJobs(db, { filter: { search: job.id.toUpperCase() }, limit: 5 }, everything)).items.map(
        ({ id }) => id,
      ),
    ).toEqual([job.id])
  })

  it('a job is found by its id if it has the title that is asked for', async () => {
    const { id, parameters } = made[17]!
    const count = async (title: string) => (await countJobs(db, { search: id, title }, everything)).count
    // Its first two words, "Parcel number2".
    expect([await count(parameters.note.slice(0, 14)), await count('another')]).toEqual([1, 0])
  })

  it('a job is found by the eight characters of its id that lists show, and only in its organization', async () => {
    const job = made[23]!
    expect(
      (await listJobs(db, { filter: { search: job.id.slice(-8) }, limit: 5 }, everything)).items.map(({ id }) => id),
    ).toEqual([job.id])
    expect(
      (await listJobs(db, { filter: { search: job.id }, limit: 5 }, { organizationIds: [organizations[0]!] })).items,
    ).toEqual([])
  })

  it('jobs are found by words behind thousands of newer jobs that do not have them', async () => {
    const id = uuidv7()
    await db.organization.create({ data: { id, name: 'long', slug: 'long' } })
    // Their ids rise with n, as those of jobs that were submitted one after the other. The oldest 40 have the word.
    await db.$executeRaw`
      WITH made AS (
        INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, finished_at, submitted_by_type, submitted_by_name, max_retries, timeout_seconds, rank_at)
        SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7000800000000000' || lpad(to_hex(n), 4, '0'))::uuid, ${id}::uuid, 'mail.send', 1, 'INLINE', 'COMPLETED', now(), 'USER', 'u', 0, 60, now()
        FROM generate_series(1, 2600) n RETURNING id
      )
      INSERT INTO job_inputs (job_id, organization_id, job_type, parameters)
      SELECT id, ${id}::uuid, 'mail.send', jsonb_build_object('age', CASE WHEN row_number() OVER (ORDER BY id) <= 40 THEN 'ancient' ELSE 'recent' END) FROM made`
    for (let before: string | null = null, more = true; more; more = before !== null)
      ({ before } = await indexJobs(db, before))
    const scope = { organizationIds: [id] }
    const [first, second] = await pages('ancient', 30, scope)
    expect([first!.length, second!.length]).toEqual([30, 10])
    expect([...first!, ...second!]).toEqual([...first!, ...second!].sort().reverse())
    expect(new Set([...first!, ...second!]).size).toBe(40)
    expect(await countJobs(db, { search: 'ancient' }, scope)).toEqual({ count: 40, capped: false })
    expect(await countJobs(db, { search: 'recent' }, scope)).toEqual({ count: 2560, capped: false })
    expect(await countJobs(db, { search: 'recent', status: ['COMPLETED'] }, scope)).toEqual({
      count: 2560,
      capped: false,
    })
    expect(await countJobs(db, { search: 'ancient recent' }, scope)).toEqual({ count: 0, capped: false })
    await db.$executeRaw`DELETE FROM jobs WHERE organization_id = ${id}::uuid`
    await db.organization.delete({ where: { id } })
  })

  async function pages(search: string, limit: number, scope: Scope): Promise<string[][]> {
    const all: string[][] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await listJobs(db, { filter: { search }, cursor, limit }, scope)
      all.push(page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    }
    return all
  }

  it('a filter never finds a job outside of the scope', async () => {
    expect(await countJobs(db, { organizationId: organizations[1] }, one)).toEqual({ count: 0, capped: false })
    expect(await countJobs(db, {}, { organizationIds: [] })).toEqual({ count: 0, capped: false })
  })

  const planOf = (query: Prisma.Sql) =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL enable_seqscan = off`
      const rows = await tx.$queryRaw<{ 'QUERY PLAN': string }[]>(Prisma.sql`EXPLAIN ${query}`)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })

  it('a filter is answered by indexes: no plan reads a table of jobs from end to end, whoever asks, for a list or a count', async () => {
    for (const [name, filter] of cases) {
      for (const scope of [everything, one]) {
        for (const cut of [{ limit: 26 }, { limit: 26, before: made[100]!.id }, { limit: 10_001, ordered: false }]) {
          const query = matchingIds(filter, scope, cut)
          if (query) expect(await planOf(query), name).not.toMatch(/Seq Scan on (jobs|job_inputs|job_search)/)
        }
      }
    }
  })

  it.each([
    ['a fingerprint', { errorFingerprint: 'f1' }, 'jobs_by_fingerprint'],
    ['a priority', { priority: ['CRITICAL'] }, 'job_inputs_organization_id_priority_job_id_idx'],
    ['a status', { status: ['DEAD_LETTER'] }, 'jobs_by_status_and_kind'],
    ['a submitter', { submittedById: submitters[0] }, 'job_inputs_organization_id_submitted_by_id_job_id_idx'],
    ['a value', { args: [{ path: 'order.id', value: 4 }], organizationId: organizations[0] }, 'job_inputs_args'],
    ['a word', { search: 'number3', organizationId: organizations[0] }, 'job_search_words'],
    ['a word of the title', { title: 'number3', organizationId: organizations[0] }, 'job_search_words'],
    ['a repeated job', { rerunOf: submitters[0] }, 'job_inputs_reruns'],
    ['a schedule', { scheduleId: submitters[0] }, 'job_inputs_schedules'],
  ] satisfies [string, PlainFilter, string][])('a filter by %s has an index of its own', async (_, filter, index) => {
    // So few rows tempt the planner to another index: without the others it must take this one.
    const undone = new Error('undone')
    let plan = ''
    const alone = db.$transaction(async (tx) => {
      const others = await tx.$queryRaw<{ name: string }[]>`
        SELECT x.relname AS name FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
        WHERE i.indrelid IN ('jobs'::regclass, 'job_inputs'::regclass, 'job_search'::regclass) AND NOT i.indisprimary AND x.relname <> ${index}`
      for (const { name } of others) await tx.$executeRawUnsafe(`DROP INDEX "${name}"`)
      await tx.$executeRaw`SET LOCAL enable_seqscan = off`
      const rows = await tx.$queryRaw<{ 'QUERY PLAN': string }[]>(
        Prisma.sql`EXPLAIN ${matchingIds(filter, everything, { limit: 26 })!}`,
      )
      plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      throw undone
    })
    await expect(alone).rejects.toBe(undone)
    expect(plan).toContain(index)
  })
})

describe('metrics', () => {
  it('metrics count what is there, and tell its queue depth and times', async () => {
    const completed = made
      .filter((job) => job.status === 'COMPLETED' && job.organizationId === organizations[0])
      .slice(-4)
    for (const [n, job] of completed.entries()) {
      const started = new Date(NOW - 600_000)
      await db.jobAttempt.create({
        data: {
          jobId: job.id,
          attempt: 1,
          organizationId: job.organizationId,
          jobType: job.jobType,
          readyAt: new Date(started.getTime() - 2_000),
          queuedAt: started,
          startedAt: started,
          endedAt: new Date(started.getTime() + (n + 1) * 1000),
          outcome: n === 3 ? 'FAILED' : 'COMPLETED',
        },
      })
    }
    const overview = await metricsOverview(db, { range: '1h' }, one)
    const mine = made.filter((job) => job.organizationId === organizations[0])
    for (const status of STATUSES)
      expect(overview.counts[status], status).toBe(mine.filter((job) => job.status === status).length)
    const waiting = mine.filter((job) => ['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'].includes(job.status))
    for (const priority of PRIORITIES)
      expect(overview.queueDepth[priority]).toBe(waiting.filter((job) => job.priority === priority).length)
    expect(overview.throughputPerMinute).toBeCloseTo(3 / 60)
    expect(overview.failureRate).toBeCloseTo(1 / 4)
    expect(overview.run).toMatchObject({ avg: 2.5, p50: 2.5 })
    expect(overview.wait).toEqual({ avg: 2, p50: 2, p95: 2, p99: 2 })
    expect(overview.oldestWaitingSeconds).toBeGreaterThan(3600)
    const empty = await metricsOverview(db, { range: '1h' }, { organizationIds: [uuidv7()] })
    expect(empty).toMatchObject({
      oldestWaitingSeconds: null,
      throughputPerMinute: 0,
      failureRate: null,
      run: { p95: null },
    })
  })

  it.each(['1h', '6h', '24h', '7d', '30d'] as const)('metrics over %s leave no bucket out', async (range) => {
    const { bucketSeconds, points } = await metricsTimeseries(db, { range, now: new Date(NOW) }, one)
    points.forEach((point, n) => expect(point.at.getTime()).toBe(points[0]!.at.getTime() + n * bucketSeconds * 1000))
    expect(points.at(-1)!.at.getTime() + bucketSeconds * 1000).toBeGreaterThan(NOW)
    expect(points.reduce((sum, point) => sum + point.completed, 0)).toBe(3)
    expect(points.reduce((sum, point) => sum + point.failed, 0)).toBe(1)
    const first = points[0]!.at.getTime()
    const expected = made.filter(
      (job) => job.organizationId === organizations[0] && job.createdAt.getTime() >= first,
    ).length
    expect(points.reduce((sum, point) => sum + point.submitted, 0)).toBe(expected)
  })
})
