import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare } from 'bcrypt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '@/testing/database'
import { createDb, type Db } from '@/server/db'
import { hashApiKey } from '@/server/engine/domain/api-key'
import { canTransition, isFinal } from '@/server/engine/domain/state'
import type { JobStatus } from '@/server/engine/domain/types'
import type { ExecutionLog } from '@/server/generated/prisma/client'
import { SHIPPED_JOB_TYPES } from '@/worker/catalog/catalog'
import type { DemoAccess } from './organizations'
import { seed } from './seed'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let db: Db
let folder: string
let demoFile: string
let first: DemoAccess
const now = Date.now()

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 2 })
  folder = await mkdtemp(join(tmpdir(), 'seed-'))
  demoFile = join(folder, 'private', 'demo.json')
  first = await seed(db, { demoFile, now })
}, 60_000)
afterAll(async () => {
  await db?.$disconnect()
  await database?.drop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const counts = async () =>
  Promise.all([
    db.job.count(),
    db.executionLog.count(),
    db.jobLog.count(),
    db.user.count(),
    db.apiKey.count(),
    db.jobTypeVersion.count(),
  ])

test('the seed makes two organizations with each role, as account and as key, and one platform administrator', async () => {
  const organizations = new Set(first.accounts.map(({ organizationId }) => organizationId).filter(Boolean))
  expect(organizations.size).toBe(2)
  for (const list of [first.accounts, first.apiKeys]) {
    expect(list.filter(({ role }) => role === 'SYSTEM_ADMIN').map(({ organizationId }) => organizationId)).toEqual([
      null,
    ])
    for (const organizationId of organizations) {
      expect(
        list
          .filter((entry) => entry.organizationId === organizationId)
          .map(({ role }) => role)
          .sort(),
      ).toEqual(['ADMIN', 'OPERATOR', 'VIEWER'])
    }
  }
  const [account] = first.accounts
  const user = await db.user.findUniqueOrThrow({
    where: { email: account?.email },
    include: { person: { include: { memberships: true } } },
  })
  expect(await compare(account?.password ?? '', user.passwordHash ?? '')).toBe(true)
  expect(user.person?.memberships).toMatchObject([{ role: 'ADMIN', organizationId: account?.organizationId }])
  for (const { key, role, organizationId } of first.apiKeys) {
    expect(key).toMatch(/^jy_demo_[0-9A-Za-z]{46}$/)
    expect(await db.apiKey.findUnique({ where: { hash: new Uint8Array(hashApiKey(key)) } })).toMatchObject({
      role,
      organizationId,
    })
  }
  expect((await stat(demoFile)).mode & 0o777).toBe(0o600)
})

test('a second run of the seed changes nothing, not even what people edited', async () => {
  await db.jobType.update({ where: { name: 'report.operations' }, data: { maxRetries: 0, description: 'Ours' } })
  const before = await counts()
  const file = await readFile(demoFile, 'utf8')
  expect(await seed(db, { demoFile, now: now + 1000 })).toEqual(first)
  expect(await counts()).toEqual(before)
  expect(await readFile(demoFile, 'utf8')).toBe(file)
  expect(await db.jobType.findUnique({ where: { name: 'report.operations' } })).toMatchObject({
    maxRetries: 0,
    description: 'Ours',
  })
})

test('every history that the seed makes is a path of the state table that ends where the job is', async () => {
  const jobs = await db.job.findMany()
  const attempts = new Map<string, number[]>()
  for (const { jobId, attempt } of await db.jobAttempt.findMany({ orderBy: { attempt: 'asc' } })) {
    attempts.set(jobId, [...(attempts.get(jobId) ?? []), attempt])
  }
  const histories = new Map<string, ExecutionLog[]>()
  for (const step of await db.executionLog.findMany({ orderBy: { id: 'asc' } })) {
    histories.set(step.jobId, [...(histories.get(step.jobId) ?? []), step])
  }
  expect(jobs.length).toBeGreaterThan(3_000)
  for (const job of jobs) {
    const history = histories.get(job.id) ?? []
    let status: JobStatus | null = null
    let at = job.createdAt
    for (const step of history) {
      expect(step.fromStatus).toBe(status)
      if (status) expect(canTransition(status, step.toStatus)).toBe(true)
      expect(step.at.getTime()).toBeGreaterThanOrEqual(at.getTime())
      expect(step.organizationId).toBe(job.organizationId)
      at = step.at
      status = step.toStatus
    }
    expect(status).toBe(job.status)
    expect(attempts.get(job.id) ?? []).toEqual(Array.from({ length: job.attempt }, (_, n) => n + 1))
    expect(history.filter((step) => step.toStatus === 'QUEUED')).toHaveLength(job.dispatch)
    if (isFinal(job.status)) expect(job.finishedAt?.getTime()).toBe(at.getTime())
    expect(at.getTime()).toBeLessThan(now)
    // A UUIDv7 begins with its time.
    expect(parseInt(job.id.replaceAll('-', '').slice(0, 12), 16)).toBe(job.createdAt.getTime())
  }
})

test('the seed makes every state that needs no worker, and nothing of it starts within the first hours', async () => {
  const groups = await db.job.groupBy({ by: ['organizationId', 'status'], _count: true })
  for (const { id } of await db.organization.findMany()) {
    const present = groups.filter(({ organizationId }) => organizationId === id).map(({ status }) => status)
    expect(present.sort()).toEqual(['CANCELED', 'COMPLETED', 'DEAD_LETTER', 'FAILED', 'PENDING', 'TIMED_OUT'])
  }
  const soon = new Date(now + 6 * 3_600_000)
  const due = { OR: [{ status: 'PENDING' as const, runAt: { lt: soon } }, { nextRetryAt: { lt: soon } }] }
  expect(await db.job.count({ where: due })).toBe(0)
})

test('each job of the seed has parameters, each completed one a result, dead letters form groups, and no job holds a hash', async () => {
  expect(await db.jobInput.count()).toBe(await db.job.count())
  expect(await db.jobResult.count()).toBe(await db.job.count({ where: { status: 'COMPLETED' } }))
  const groups = await db.job.groupBy({
    by: ['jobType', 'errorFingerprint'],
    where: { status: 'DEAD_LETTER' },
    _count: true,
  })
  expect(Math.max(...groups.map(({ _count }) => _count))).toBeGreaterThan(3)
  expect(await db.dedupeClaim.count()).toBe(0)
})

test('when the file with the demo secrets is lost, the seed replaces the old secrets', async () => {
  await rm(demoFile)
  const before = await counts()
  const again = await seed(db, { demoFile, now })
  expect(again.accounts[0]?.password).not.toBe(first.accounts[0]?.password)
  const user = await db.user.findUniqueOrThrow({ where: { email: again.accounts[0]?.email } })
  expect(await compare(again.accounts[0]?.password ?? '', user.passwordHash ?? '')).toBe(true)
  const old = await db.apiKey.findUnique({ where: { hash: new Uint8Array(hashApiKey(first.apiKeys[0]?.key ?? '')) } })
  expect(old?.revokedAt).not.toBeNull()
  // The first four are jobs, history, log lines and users. Keys are made anew.
  expect((await counts()).slice(0, 4)).toEqual(before.slice(0, 4))
}, 30_000)

test('a seed without the demo makes job types and no accounts', async () => {
  const other = await createTestDatabase()
  const otherDb = createDb(other.url, { max: 1 })
  try {
    expect(await seed(otherDb, { now })).toEqual({ accounts: [], apiKeys: [] })
    expect(await otherDb.user.count()).toBe(0)
    const types = await otherDb.jobType.findMany({ include: { versions: true } })
    expect(types.map(({ name }) => name).sort()).toEqual(SHIPPED_JOB_TYPES.map(({ name }) => name).sort())
    expect(types.find(({ name }) => name === 'sample.noop')).toMatchObject({
      queue: 'INLINE',
      versions: [{ version: 1, config: { version: 1, name: 'sample.noop', rateLimit: null } }],
    })
  } finally {
    await otherDb.$disconnect()
    await other.drop()
  }
})
