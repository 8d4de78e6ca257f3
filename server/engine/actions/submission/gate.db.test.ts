import { afterEach, beforeAll, expect, test } from 'vitest'
import { dedupeHash } from '../../domain/dedupe-hash'
import type { Json } from '../../domain/types'
import { openWorld, tester, unique } from '@/testing/engine'
import { checkInvariants } from '../../invariants'
import { takeHashes } from '../../store/admission/dedupe'
import { SubmissionGate, type JobView, type SubmitInput } from '../../index'

const { db, world } = await openWorld({ max: 10 })
let gate: SubmissionGate

beforeAll(async () => {
  gate = new SubmissionGate(db)
})
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const submit = (job: SubmitInput, organizationId = world.organizationId) =>
  gate.submit({ organizationId, job, actor: tester, submitter: { role: 'OPERATOR', reaches: ['VIEWER', 'OPERATOR'] } })
const plain = (parameters: SubmitInput['parameters'] = unique(), more: Partial<SubmitInput> = {}): SubmitInput => ({
  jobType: 'plain',
  parameters,
  ...more,
})

/** How many transactions created these jobs. */
async function transactions(jobs: readonly JobView[]): Promise<number> {
  const [row] = await db.$queryRaw<{ n: number }[]>`
    SELECT count(DISTINCT xid)::int AS n FROM execution_logs WHERE from_status IS NULL AND job_id = ANY(${jobs.map(({ id }) => id)}::uuid[])`
  return row!.n
}

test('submissions that arrive together share transactions, and each caller gets its own job', async () => {
  const inputs = Array.from({ length: 60 }, () => plain())
  const jobs = await Promise.all(inputs.map((input) => submit(input)))
  expect(jobs.map(({ parameters }) => parameters)).toEqual(inputs.map(({ parameters }) => parameters))
  // 50 and 10: no transaction takes more than 50.
  expect(await transactions(jobs)).toBe(2)
})

test('submissions to two organizations share no transaction', async () => {
  const jobs = await Promise.all([submit(plain()), submit(plain(), world.otherOrganizationId)])
  expect(jobs.map(({ organizationId }) => organizationId)).toEqual([world.organizationId, world.otherOrganizationId])
  expect(await transactions(jobs)).toBe(2)
})

test('a submission that is refused does not affect others in its transaction, and its refusal reads as if it were alone', async () => {
  const settled = await Promise.allSettled([
    submit(plain()),
    submit({ jobType: 'strict', parameters: { count: 'many' } }),
    submit(plain()),
    submit({ jobType: 'nowhere' }),
  ])
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(settled[1]).toMatchObject({
    reason: { reason: 'INVALID_PARAMETERS', data: { fields: [{ path: 'parameters.count' }] } },
  })
  expect(settled[3]).toMatchObject({ reason: { reason: 'UNKNOWN_JOB_TYPE', data: { fields: [{ path: 'jobType' }] } } })
})

test('a submission that comes alone and is refused is refused with the fields of that one job', async () => {
  await expect(submit({ jobType: 'strict', parameters: {} })).rejects.toMatchObject({
    reason: 'INVALID_PARAMETERS',
    data: { fields: [{ path: 'parameters.count' }] },
  })
})

test('a submission of a type that needs a higher role does not affect others in its transaction', async () => {
  await db.jobType.update({ where: { name: 'isolated' }, data: { requiredRole: 'ADMIN' } })
  const settled = await Promise.allSettled([
    submit(plain()),
    submit({ jobType: 'isolated', parameters: unique() }),
    submit(plain()),
  ])
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(settled[1]).toMatchObject({
    reason: { reason: 'NOT_PERMITTED', message: 'Job type isolated needs role ADMIN; yours is OPERATOR.' },
  })
})

test('100 identical submissions at once make one job, and 99 DUPLICATE_JOB that name it', async () => {
  const input = plain()
  const settled = await Promise.allSettled(Array.from({ length: 100 }, () => submit(input)))
  const [job, ...others] = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect(others).toEqual([])
  const refusals = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  expect(refusals).toHaveLength(99)
  for (const refusal of refusals)
    expect(refusal).toMatchObject({ reason: 'DUPLICATE_JOB', data: { existingJobId: job!.id } })
})

test('an idempotency key that several submissions send at once stands for one job', async () => {
  const input = plain(unique(), { idempotencyKey: 'order-1' })
  const jobs = await Promise.all([submit(input), submit(plain()), submit(input), submit(input)])
  expect(new Set([jobs[0]!.id, jobs[2]!.id, jobs[3]!.id]).size).toBe(1)
})

test('the same idempotency key with other input is refused, and the refusal names the job that has it', async () => {
  const settled = await Promise.allSettled([
    submit(plain({ n: 1 }, { idempotencyKey: 'order-2' })),
    submit(plain({ n: 2 }, { idempotencyKey: 'order-2' })),
  ])
  const [made] = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const [refused] = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  expect(refused).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH', data: { existingJobId: made!.id } })
})

test('a submission that waits for somebody else’s transaction does not delay those that came with it', async () => {
  const input = plain()
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  let taken!: () => void
  const isTaken = new Promise<void>((resolve) => (taken = resolve))
  const hash = dedupeHash({
    organizationId: world.organizationId,
    jobType: input.jobType,
    parameters: input.parameters as Json,
  })
  const holder = db.$transaction(async (tx) => {
    await takeHashes(tx, world.organizationId, [{ jobId: crypto.randomUUID(), jobType: input.jobType, hash }])
    taken()
    await released
    throw new Error('rolled back')
  })
  await isTaken
  let answered = false
  const waiting = submit(input).finally(() => (answered = true))
  const others = await Promise.all([submit(plain()), submit(plain())])
  const later = await submit(plain())
  expect([...others, later].map(({ status }) => status)).toEqual(['PENDING', 'PENDING', 'PENDING'])
  expect(answered).toBe(false)
  release()
  await expect(holder).rejects.toThrow('rolled back')
  expect(await waiting).toMatchObject({ status: 'PENDING', parameters: input.parameters })
})

test('where the quota has room for 5, exactly 5 of 30 submissions at once are accepted', async () => {
  const { id } = await db.organization.create({
    data: { id: crypto.randomUUID(), name: 'Small', slug: 'small', maxUnfinished: 5 },
  })
  const settled = await Promise.allSettled(Array.from({ length: 30 }, () => submit(plain(), id)))
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ reason: 'QUEUE_FULL' })
})
