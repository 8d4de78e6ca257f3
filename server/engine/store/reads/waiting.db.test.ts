import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  openWorld,
  running,
  start,
  submit,
  tester,
  unique,
  workerId,
} from '@/testing/engine'
import { WAITING_STATUSES } from '../../domain/state'
import type { JobFilter, Scope } from '../../domain/types'
import { WAITING_CODES, type WaitingCode } from '../../domain/waiting-codes'
import {
  beat,
  changeJobType,
  countJobs,
  createJobType,
  dispatchJobs,
  explainJob,
  forecastBulk,
  listJobs,
  pause,
  registerWorker,
  resume,
  resumeOrganization,
  startBulk,
  submitJob,
  suspendOrganization,
  syncHandlers,
  waitingSummary,
  type JobTypeChanges,
} from '../../index'

// Four parts of the API say what jobs wait for: jobs.explain for one job, metrics.waiting in figures, the filter
// waitingFor, and the rows of jobs.list. They must always agree.

const { db, world } = await openWorld({ max: 4 })
const { organizationId, otherOrganizationId } = world
const by = { actor: tester, address: null }
const own: Scope = { organizationIds: [organizationId] }
const both: Scope = { organizationIds: [organizationId, otherOrganizationId] }
const everything: Scope = { all: true }
const HANDLERS = [
  { key: 'sample.noop', queue: 'INLINE' },
  { key: 'sample.work', queue: 'ISOLATED' },
  { key: 'sample.gone', queue: 'INLINE' },
] as const
/** On a slow machine a test takes longer than a worker may be silent. */
const heart = setInterval(() => void beat(db, workerId, false), 3_000)
afterAll(() => clearInterval(heart))
const TYPES = ['paused', 'disabled', 'limited', 'failing', 'gone']

beforeAll(async () => {
  await syncHandlers(db, [...HANDLERS])
  await registerWorker(db, { id: workerId, host: 'test', pid: 1, isolatedSlots: 0, inlineSlots: 4 })
  for (const name of TYPES)
    await createJobType(db, {
      ...by,
      type: {
        name,
        displayName: name,
        handler: name === 'gone' ? 'sample.gone' : 'sample.noop',
        parameterSchema: { type: 'object' },
      },
    })
})
beforeEach(async () => {
  await clearJobs(db)
  await beat(db, workerId, false)
  await db.organization.updateMany({ data: { maxConcurrent: null } })
  await change('limited', { concurrency: { global: null, perOrganization: null } })
  await change('disabled', { enabled: true })
  await db.$executeRaw`UPDATE workers SET handlers = NULL, pools = NULL`
  await change('disabled', { pool: 'default' })
})

const change = (name: string, changes: JobTypeChanges) => changeJobType(db, { ...by, name, changes })
const later = () => new Date(Date.now() + 3_600_000)
const submitTo = (id: string, jobType = 'plain') =>
  submitJob(db, { organizationId: id, job: { jobType, parameters: unique() }, actor: tester })
const openCircuit = (jobType: string) =>
  db.$executeRaw`INSERT INTO circuits (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
    VALUES (${jobType}, ${organizationId}::uuid, 'OPEN', 9, 10, clock_timestamp(), clock_timestamp())`

/** A backlog in which nearly every reason occurs. */
async function mixedBacklog(): Promise<void> {
  await change('limited', { concurrency: { global: 1 } })
  await finish(world, ends.fail(await running(world)))
  for (let n = 0; n < 4; n++) await submit(world, { priority: n === 3 ? 'HIGH' : undefined })
  const scheduled = await submit(world, { runAt: later() })
  await submit(world, { runAt: later(), jobType: 'limited' })
  await submit(world, { dependsOn: [scheduled.id] })
  await submit(world, { dependsOn: [scheduled.id], jobType: 'paused' })
  for (const jobType of [
    'paused',
    'paused',
    'disabled',
    'limited',
    'limited',
    'failing',
    'failing',
    'isolated',
    'gone',
  ])
    await submit(world, { jobType })
  await submitTo(otherOrganizationId)
  await submitTo(otherOrganizationId, 'limited')
}

/** Sets the holds that people and the circuit breaker set, and takes a handler away. */
async function hold(): Promise<void> {
  await pause(db, { ...by, scope: { kind: 'jobType', name: 'paused' } })
  await change('disabled', { enabled: false })
  await openCircuit('failing')
  await db.$executeRaw`UPDATE workers SET handlers = ARRAY['sample.noop', 'sample.work']`
}

/** What `jobs.explain` says first of each waiting job. */
async function explained(scope: Scope): Promise<Map<string, WaitingCode>> {
  const jobs = await db.job.findMany({
    where: {
      status: { in: [...WAITING_STATUSES] },
      ...('all' in scope ? {} : { organizationId: { in: [...scope.organizationIds] } }),
    },
    select: { id: true },
  })
  const found = new Map<string, WaitingCode>()
  for (const { id } of jobs) found.set(id, (await explainJob(db, id, scope)).reasons[0]!.code)
  return found
}

const tally = (codes: Iterable<WaitingCode>) => {
  const counts: Partial<Record<WaitingCode, number>> = {}
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
async function counted(scope: Scope) {
  const { items, total, byPriority } = await waitingSummary(db, {}, scope)
  expect(Object.values(byPriority).reduce((sum, count) => sum + count)).toBe(total)
  const counts: Partial<Record<WaitingCode, number>> = {}
  for (const { code, count } of items) counts[code] = (counts[code] ?? 0) + count
  expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(total)
  return { counts, total }
}
const listed = async (filter: JobFilter, scope: Scope) =>
  (await listJobs(db, { filter, limit: 100, include: ['waiting'] }, scope)).items

/**
 * Checks that explain, the figures, the filter and the rows give the same reason for every waiting job. Returns the
 * jobs by reason, as explain counts them.
 */
async function expectAgreement(scope: Scope): Promise<Partial<Record<WaitingCode, number>>> {
  const reasons = await explained(scope)
  const expected = tally(reasons.values())
  expect(await counted(scope)).toEqual({ counts: expected, total: reasons.size })
  expect((await countJobs(db, { status: [...WAITING_STATUSES] }, scope)).count).toBe(reasons.size)
  for (const code of WAITING_CODES) {
    const found = await listed({ waitingFor: [code] }, scope)
    expect({ code, jobs: found.map(({ id }) => id) }).toEqual({
      code,
      jobs: [...reasons]
        .filter(([, each]) => each === code)
        .map(([id]) => id)
        .sort()
        .reverse(),
    })
    expect(found.every(({ waiting }) => waiting?.code === code)).toBe(true)
    expect((await countJobs(db, { waitingFor: [code] }, scope)).count).toBe(expected[code] ?? 0)
  }
  return expected
}

test('every job of a mixed backlog is counted under the reason that explain gives it first, and found by it', async () => {
  await mixedBacklog()
  await hold()
  const idle = await expectAgreement(own)
  expect(idle).toMatchObject({ READY: 1, PAUSED: 3, JOB_TYPE_DISABLED: 1, SCHEDULED: 2, RETRY_BACKOFF: 1 })
  expect(idle).toMatchObject({ WAITING_FOR_PARENTS: 1, CIRCUIT_OPEN: 2, NO_WORKER: 1, HANDLER_MISSING: 1 })
  await expectAgreement(everything)

  // Some of it is handed over, so limits are reached and the queue is busy.
  await dispatchJobs(db, 'INLINE', 3)
  const busy = await expectAgreement(own)
  expect(busy.QUEUED).toBeGreaterThan(0)
  expect(Object.keys(await expectAgreement(both)).length).toBeGreaterThan(8)
  await change('limited', { concurrency: { global: 0 } })
  expect((await expectAgreement(both)).CONCURRENCY_LIMIT).toBeGreaterThanOrEqual(2)
})

test('holds on everything come first, for every waiting job of an organization or of all', async () => {
  await mixedBacklog()
  await suspendOrganization(db, { ...by, organizationId: otherOrganizationId, reason: 'unpaid' })
  await pause(db, { ...by, scope: { kind: 'organization', organizationId } })
  await expectAgreement(both)
  expect(Object.keys(await expectAgreement(own))).toEqual(['PAUSED'])
  await pause(db, { ...by, scope: { kind: 'platform' } })
  expect(await expectAgreement(everything)).toMatchObject({ ORGANIZATION_SUSPENDED: 2 })
  await resume(db, { ...by, scope: { kind: 'platform' } })
  await resumeOrganization(db, { ...by, organizationId: otherOrganizationId })
})

test('a limit of the organization is told before that of a job type', async () => {
  await mixedBacklog()
  await db.organization.update({ where: { id: organizationId }, data: { maxConcurrent: 1 } })
  // The other organization's job takes the one place of the type, so both limits are used up. No job has the id 'none',
  // so everything that may run is dispatched.
  await dispatch(world, 'none')
  const { items } = await waitingSummary(db, {}, own)
  const limits = items.filter(({ code }) => code === 'CONCURRENCY_LIMIT')
  expect(new Set(limits.map(({ target }) => target))).toEqual(new Set(['organization']))
  await expectAgreement(own)
})

test('an item of the summary names its job type and organization and when it ends, and a job type can be asked for alone', async () => {
  await mixedBacklog()
  await openCircuit('failing')
  const { items } = await waitingSummary(db, {}, own)
  const circuit = items.find(({ code }) => code === 'CIRCUIT_OPEN')
  expect(circuit).toMatchObject({ jobType: 'failing', organizationId, count: 2, estimate: null })
  expect(Date.parse(circuit!.until!)).toBeGreaterThan(Date.now() + 14 * 60_000)
  const scheduled = items.find(({ code }) => code === 'SCHEDULED')
  expect(Math.abs(Date.parse(scheduled!.until!) - later().getTime())).toBeLessThan(60_000)
  const ofType = await waitingSummary(db, { jobType: 'limited' }, own)
  expect(ofType.total).toBe(3)
})

test('jobs can be filtered by their reason and by any other condition together', async () => {
  await mixedBacklog()
  await pause(db, { ...by, scope: { kind: 'jobType', name: 'paused' } })
  const word = await submit(world, { jobType: 'paused', parameters: { word: 'quetzal' }, priority: 'LOW' })
  const ids = async (filter: JobFilter) =>
    (await listed({ waitingFor: ['PAUSED'], ...filter }, own)).map(({ id }) => id)
  expect(await ids({ search: 'quetzal' })).toEqual([word.id])
  expect(await ids({ args: [{ path: 'word', value: 'quetzal' }] })).toEqual([word.id])
  expect(await ids({ priority: ['LOW'] })).toEqual([word.id])
  expect(await ids({ jobType: ['plain'] })).toEqual([])
  expect(await ids({ status: ['RUNNING', 'COMPLETED'] })).toEqual([])
  expect(await ids({ createdBefore: new Date(0) })).toEqual([])
  expect(await ids({ organizationId: otherOrganizationId })).toEqual([])
  expect((await listed({ waitingFor: [...WAITING_CODES] }, own)).length).toBe((await explained(own)).size)
  expect(await listed({ waitingFor: [] }, own)).toHaveLength((await explained(own)).size)
  await resume(db, { ...by, scope: { kind: 'jobType', name: 'paused' } })
})

test('pages of the filter follow each other without a gap', async () => {
  for (let n = 0; n < 7; n++) await submit(world, { runAt: later() })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listJobs(db, { filter: { waitingFor: ['SCHEDULED'] }, limit: 3, cursor }, own)
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual([...(await explained(own)).keys()].sort().reverse())
})

test('a job that was marked as due although its time has not come is counted as planned', async () => {
  const [marked] = [
    await submit(world, { runAt: later() }),
    await submit(world, { runAt: later() }),
    await submit(world),
  ]
  await db.$executeRaw`UPDATE jobs SET is_due = TRUE WHERE id = ${marked!.id}::uuid`
  for (const scope of [own, everything]) {
    expect(await countJobs(db, { waitingFor: ['SCHEDULED'] }, scope)).toMatchObject({ count: 2 })
    expect(await countJobs(db, { waitingFor: ['RETRY_BACKOFF'] }, scope)).toMatchObject({ count: 0 })
    const { items } = await waitingSummary(db, {}, scope)
    expect(items.find(({ code }) => code === 'SCHEDULED')).toMatchObject({ count: 2 })
  }
})

test('a bulk action by reason changes those jobs and no others', async () => {
  await mixedBacklog()
  const selection = { filter: { waitingFor: ['SCHEDULED' as const] } }
  const asked = { kind: 'CANCEL' as const, organizationId, selection }
  expect(await forecastBulk(db, asked)).toMatchObject({ matched: 2, would: 2 })
  const before = await explained(own)
  await startBulk(db, { ...asked, ...by, role: 'ADMIN' } as Parameters<typeof startBulk>[1])
  const scheduled = [...before].filter(([, code]) => code === 'SCHEDULED').map(([id]) => id)
  const canceled = await db.job.findMany({ where: { status: 'CANCELED' }, select: { id: true } })
  expect(canceled.map(({ id }) => id).sort()).toEqual(scheduled.sort())
})

test('a row of a job that does not wait has no reason, and without asking no row has any', async () => {
  const claimed = await running(world)
  expect((await listed({}, own)).map(({ waiting }) => waiting)).toEqual([null])
  await finish(world, ends.complete(claimed))
  expect((await listed({}, own)).map(({ waiting }) => waiting)).toEqual([null])
  const { items } = await listJobs(db, { filter: {}, limit: 10 }, own)
  expect(items[0]).not.toHaveProperty('waiting')
})

test('a row names the first parent and says that others come first', async () => {
  const parent = await submit(world, { runAt: later() })
  const child = await submit(world, { dependsOn: [parent.id] })
  const [first, second] = [await submit(world), await submit(world)]
  const rows = new Map((await listed({}, own)).map(({ id, waiting }) => [id, waiting]))
  expect(rows.get(child.id)).toMatchObject({ code: 'WAITING_FOR_PARENTS', until: null })
  expect(rows.get(child.id)!.message).toContain(parent.id)
  expect(rows.get(parent.id)).toMatchObject({ code: 'SCHEDULED', until: expect.stringMatching(/Z$/) })
  expect(rows.get(first.id)).toMatchObject({ code: 'READY' })
  expect(rows.get(second.id)!.message).toMatch(/^Other jobs of its organization come first\./)
})

test('nobody sees what waits in another organization, and an empty one has nothing', async () => {
  await submitTo(otherOrganizationId)
  expect(await waitingSummary(db, {}, own)).toMatchObject({ items: [], total: 0, estimate: null })
  expect(await listed({ waitingFor: ['READY'] }, own)).toEqual([])
  expect((await waitingSummary(db, {}, { organizationIds: [] })).total).toBe(0)
  await start(world, (await submit(world)).id)
  expect((await waitingSummary(db, {}, own)).total).toBe(0)
})

test('jobs of a pool that no live worker takes are counted and found under NO_WORKER, and others do not wait behind them', async () => {
  await submit(world, { jobType: 'disabled' })
  await submit(world, { jobType: 'disabled' })
  await submit(world)
  await db.$executeRaw`UPDATE workers SET pools = ARRAY['default']`
  await change('disabled', { pool: 'reports' })
  expect(await expectAgreement(own)).toEqual({ NO_WORKER: 2, READY: 1 })
  const { items } = await waitingSummary(db, {}, own)
  expect(items.find(({ code }) => code === 'NO_WORKER')).toMatchObject({ target: 'INLINE reports', count: 2 })
})
