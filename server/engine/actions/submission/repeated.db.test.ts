import { afterEach, describe, expect, test } from 'vitest'
import type { Tx } from '@/server/db'
import { holding, openWorld, read, refusal, running, submit, tester, unique, ends, finish } from '@/testing/engine'
import {
  cancelJob,
  changeJobType,
  createJobType,
  deleteJob,
  submitJob,
  submitJobs,
  suspendOrganization,
  resumeOrganization,
  SubmissionGate,
  type JobTypeChanges,
  type NewJobType,
} from '../../index'
import { checkInvariants } from '../../invariants'
import type { JobView, SubmitInput } from '../../domain/types'

// A submission that is repeated under its idempotency key returns its job, also where a new job would be refused by now.

const { db, world } = await openWorld({ max: 6 })
const { organizationId } = world

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const key = () => `key-${unique().serial as number}`
const cancel = (jobId: string) => cancelJob(db, { jobId, actor: tester })
const batch = (jobs: Partial<SubmitInput>[]) =>
  submitJobs(db, {
    organizationId,
    jobs: jobs.map((job) => ({ jobType: 'plain', parameters: unique(), ...job })),
    actor: tester,
  })

let types = 0
async function newType(more: Partial<NewJobType> = {}): Promise<string> {
  const name = `repeated.${++types}`
  const settings = { name, displayName: name, handler: 'sample.noop', parameterSchema: { type: 'object' }, ...more }
  await createJobType(db, { type: settings, actor: tester, address: null })
  return name
}
const change = (name: string, changes: JobTypeChanges) =>
  changeJobType(db, { name, changes, actor: tester, address: null })

/** A job that waits for a parent, and the call that made it. */
async function childOf(parent: string) {
  const call = { parameters: unique(), idempotencyKey: key(), dependsOn: [parent] }
  return { call, id: (await submit(world, call)).id }
}

describe('a repetition is answered with its job', () => {
  test('a repetition whose parent was canceled meanwhile is answered with its job', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    await cancel(parent)
    expect(await submit(world, call)).toMatchObject({ id, dependsOn: [parent] })
  })

  test('a repetition whose parent has died meanwhile is answered with its job, which died with it', async () => {
    const parent = await running(world)
    const { call, id } = await childOf(parent.jobId)
    await finish(world, ends.dead(parent))
    expect(await submit(world, call)).toMatchObject({ id, status: 'DEAD_LETTER' })
  })

  test('a repetition whose parent was deleted meanwhile is answered with its job', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    await cancel(parent)
    await deleteJob(db, { jobId: parent, actor: tester, address: null })
    expect((await submit(world, call)).id).toBe(id)
  })

  test('a repetition whose job type was disabled meanwhile is answered with its job, and a new job is refused', async () => {
    const jobType = await newType()
    const call = { jobType, parameters: unique(), idempotencyKey: key() }
    const { id } = await submit(world, call)
    await change(jobType, { enabled: false })
    expect((await submit(world, call)).id).toBe(id)
    expect((await refusal(submit(world, { ...call, idempotencyKey: key() }))).reason).toBe('JOB_TYPE_DISABLED')
  })

  test('a repetition that the present schema of its job type would refuse is answered with its job, and a new job is refused', async () => {
    const jobType = await newType()
    const call = { jobType, parameters: unique(), idempotencyKey: key() }
    const { id } = await submit(world, call)
    await change(jobType, { parameterSchema: { type: 'object', required: ['customer'] } })
    expect((await submit(world, call)).id).toBe(id)
    expect((await refusal(submit(world, { ...call, idempotencyKey: key() }))).reason).toBe('INVALID_PARAMETERS')
  })

  test('a repetition whose submitter may no longer give a job so much time is answered with its job, and a new job is refused', async () => {
    const jobType = await newType({ timeoutSeconds: 100 })
    const submission = {
      organizationId,
      job: { jobType, parameters: unique(), idempotencyKey: key(), timeoutSeconds: 90 },
      actor: tester,
      submitter: { role: 'OPERATOR', reaches: ['OPERATOR', 'VIEWER'] as const },
    }
    const { id } = await submitJob(db, submission)
    await change(jobType, { timeoutSeconds: 60 })
    expect((await submitJob(db, submission)).id).toBe(id)
    const fresh = { ...submission, job: { ...submission.job, idempotencyKey: key() } }
    expect(await refusal(submitJob(db, fresh))).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'timeoutSeconds' }] },
    })
  })

  test('a repetition in the transaction of a caller is answered with its job, and the transaction goes on', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    await cancel(parent)
    const both = await db.$transaction(async (tx) => {
      // The helper's type asks for a client. A transaction works as well.
      const again = await submit({ ...world, db: tx as Tx as never }, call)
      return [again.id, (await submit({ ...world, db: tx as Tx as never })).id]
    })
    expect(both[0]).toBe(id)
    expect(await read(world, both[1]!)).toMatchObject({ status: 'PENDING' })
  })

  test('a repetition that shares a transaction with new and refused submissions of its caller is answered with its job', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    await cancel(parent)
    const gate = new SubmissionGate(db)
    const by = { organizationId, actor: tester, submitter: { role: 'ADMIN', reaches: ['ADMIN', 'OPERATOR'] as const } }
    const [again, fresh, refused] = await Promise.allSettled(
      [call, { parameters: unique() }, { ...call, idempotencyKey: key() }].map((job) =>
        gate.submit({ ...by, job: { jobType: 'plain', ...job } }),
      ),
    )
    expect(again).toMatchObject({ status: 'fulfilled', value: { id } })
    expect(fresh).toMatchObject({ status: 'fulfilled', value: { status: 'PENDING' } })
    expect(refused).toMatchObject({ status: 'rejected', reason: { reason: 'INVALID_DEPENDENCY' } })
  })

  test('a repetition that comes while the first call is not committed yet waits for it, and is answered with its job', async () => {
    const jobType = await newType()
    const call = { jobType, parameters: unique(), idempotencyKey: key() }
    let id: string | undefined
    // `holding` holds no row here. Its `waiting` tells when the repetition waits for the lock of the first call.
    const [again] = await holding(world, 'SELECT 1', [], async (waiting) => {
      let repetition: Promise<JobView> | undefined
      await db.$transaction(async (tx) => {
        ;({ id } = await submit({ ...world, db: tx as Tx as never }, call))
        await change(jobType, { enabled: false })
        repetition = submit(world, call)
        await waiting(1)
      })
      return [repetition!]
    })
    expect(again).toMatchObject({ status: 'fulfilled', value: { id } })
  })
})

describe('in a batch', () => {
  test('a batch is answered with the jobs that were made before, and its new jobs may wait for them', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    await cancel(parent)
    const [again, twice, child, other] = await batch([
      { ...call, ref: 'again' },
      call,
      { dependsOn: [{ job: 'again', on: 'ended' }] },
      {},
    ])
    expect([again!.id, twice!.id]).toEqual([id, id])
    expect(child).toMatchObject({ status: 'PENDING', dependsOn: [id] })
    expect(other).toMatchObject({ status: 'PENDING' })
  })

  test('a batch with a repetition and a new job whose parent is dead is refused at the place of that job, and nothing of it stays', async () => {
    const parent = (await submit(world)).id
    const { call } = await childOf(parent)
    await cancel(parent)
    const before = await db.job.count()
    const fresh = { idempotencyKey: key() }
    expect(await refusal(batch([call, fresh, { dependsOn: [parent] }]))).toMatchObject({
      reason: 'INVALID_DEPENDENCY',
      data: { fields: [{ path: 'jobs[2].dependsOn[0]' }] },
    })
    expect(await db.job.count()).toBe(before)
    expect(await db.idempotencyKey.count({ where: { key: fresh.idempotencyKey } })).toBe(0)
  })
})

describe('a call that repeats no earlier one is refused like any other', () => {
  test('other input under the key is refused for its dead parent first, and for the key where nothing else is wrong', async () => {
    const parent = (await submit(world)).id
    const { call, id } = await childOf(parent)
    const other = { ...call, parameters: unique() }
    expect(await refusal(submit(world, other))).toMatchObject({
      reason: 'IDEMPOTENCY_MISMATCH',
      data: { existingJobId: id },
    })
    await cancel(parent)
    expect((await refusal(submit(world, other))).reason).toBe('INVALID_DEPENDENCY')
  })

  test('a job with a dead parent is refused under a new key, too, and the key is not kept', async () => {
    const parent = (await submit(world)).id
    await cancel(parent)
    const idempotencyKey = key()
    expect((await refusal(submit(world, { idempotencyKey, dependsOn: [parent] }))).reason).toBe('INVALID_DEPENDENCY')
    expect(await db.idempotencyKey.count({ where: { key: idempotencyKey } })).toBe(0)
  })

  test('a repetition whose key has expired is a new job, and is refused for its dead parent', async () => {
    const parent = (await submit(world)).id
    const { call } = await childOf(parent)
    await cancel(parent)
    await db.$executeRaw`UPDATE idempotency_keys SET expires_at = now() WHERE key = ${call.idempotencyKey}`
    expect((await refusal(submit(world, call))).reason).toBe('INVALID_DEPENDENCY')
  })

  test('a repetition in a suspended organization is refused, because access is asked of every call', async () => {
    const call = { parameters: unique(), idempotencyKey: key() }
    await submit(world, call)
    await suspendOrganization(db, { organizationId, actor: tester, address: null })
    expect((await refusal(submit(world, call))).reason).toBe('ORGANIZATION_SUSPENDED')
    await resumeOrganization(db, { organizationId, actor: tester, address: null })
  })
})
