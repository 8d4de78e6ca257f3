import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, refusal, running, start, submit, tester } from '@/testing/engine'
import {
  cancelJob,
  changeJobType,
  createJobType,
  deleteJob,
  getJob,
  listJobs,
  rerunJob,
  type JobView,
  type Json,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 5 })
const everybody = { organizationIds: [world.organizationId] }
const rerun = (jobId: string, more: Partial<Parameters<typeof rerunJob>[1]> = {}) =>
  rerunJob(db, { jobId, actor: tester, ...more })
/** What a VIEWER and what an OPERATOR reads of its parameters. */
const seen = async ({ id }: JobView): Promise<[Json, Json]> => [
  (await getJob(db, id, everybody)).parameters,
  (await getJob(db, id, everybody, everybody)).parameters,
]
const secret = (marked: boolean) => ({
  type: 'object',
  properties: { token: { type: 'string', 'x-sensitive': marked }, n: { type: 'integer' } },
})

beforeAll(async () => {
  const type = { displayName: 'Pay', handler: 'sample.noop', parameterSchema: secret(true) }
  for (const name of ['pay', 'unmarked'])
    await createJobType(db, { type: { ...type, name }, actor: tester, address: null })
})
beforeEach(() => clearJobs(db))
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

describe('a rerun', () => {
  test('a rerun is a new job with the patched parameters and the settings of the job type, and names the old one', async () => {
    const old = await submit(world, {
      parameters: { order: { id: 1, note: 'x' }, n: 2 },
      priority: 'HIGH',
      maxRetries: 1,
    })
    const job = await rerun(old.id, { patch: { order: { id: 7, note: null } } })
    expect(job).toMatchObject({ rerunOf: old.id, status: 'PENDING', priority: 'NORMAL', maxRetries: 5, dependsOn: [] })
    expect(job.parameters).toEqual({ order: { id: 7 }, n: 2 })
    expect(await getJob(db, job.id, { all: true })).toEqual(job)
    expect([old.rerunOf, (await getJob(db, old.id, { all: true })).rerunOf]).toEqual([null, null])
    const [listed] = (await listJobs(db, { filter: {}, limit: 1 }, everybody)).items
    expect(listed).toMatchObject({ id: job.id, rerunOf: old.id })
  })

  test('a rerun takes the priority and other settings that the call gives', async () => {
    const { id } = await submit(world)
    const runAt = new Date(Date.now() + 3_600_000)
    const asked = { priority: 'CRITICAL', runAt, maxRetries: 0, timeoutSeconds: 7 } as const
    expect(await rerun(id, asked)).toMatchObject(asked)
  })

  test('a rerun is possible whether the old job waits, runs or has ended, in whatever way, and as often as somebody likes', async () => {
    const waiting = await submit(world)
    const claimed = await running(world)
    const completed = await running(world)
    await finish(world, ends.complete(completed))
    const dead = await running(world)
    await finish(world, ends.dead(dead))
    const canceled = await submit(world)
    await cancelJob(db, { jobId: canceled.id, actor: tester })
    for (const jobId of [waiting.id, claimed.jobId, completed.jobId, dead.jobId, canceled.id, canceled.id])
      expect(await rerun(jobId)).toMatchObject({ rerunOf: jobId, status: 'PENDING', attempt: 0, error: null })
  })

  test('a rerun keeps the id of the old job when that one is deleted', async () => {
    const claimed = await running(world)
    await finish(world, ends.complete(claimed))
    const { id } = await rerun(claimed.jobId)
    await deleteJob(db, { jobId: claimed.jobId, actor: tester, address: null })
    expect((await getJob(db, id, { all: true })).rerunOf).toBe(claimed.jobId)
    expect((await rerun(id)).rerunOf).toBe(id)
  })

  test('a rerun keeps secrets that the patch does not name, and nobody sees them who did not before', async () => {
    const old = await submit(world, { jobType: 'pay', parameters: { token: 'hunter2', n: 1 } })
    const job = await rerun(old.id, { patch: { n: 2 } })
    expect(await seen(job)).toEqual([
      { token: '[masked]', n: 2 },
      { token: 'hunter2', n: 2 },
    ])
    expect((await start(world, job.id)).parameters).toEqual({ token: 'hunter2', n: 2 })
  })

  test('a rerun sets a secret that the patch names, and loses one that it takes away', async () => {
    const old = await submit(world, { jobType: 'pay', parameters: { token: 'hunter2', n: 1 } })
    expect(await seen(await rerun(old.id, { patch: { token: 'hunter3' } }))).toEqual([
      { token: '[masked]', n: 1 },
      { token: 'hunter3', n: 1 },
    ])
    expect(await seen(await rerun(old.id, { patch: { token: null } }))).toEqual([{ n: 1 }, { n: 1 }])
  })

  test('a rerun keeps a secret masked, unsearchable and out of the title when the job type no longer marks it', async () => {
    const old = await submit(world, { jobType: 'unmarked', parameters: { token: 'hunter2', n: 1 } })
    const changes = { parameterSchema: secret(false) }
    await changeJobType(db, { name: 'unmarked', changes, actor: tester, address: null })
    const job = await rerun(old.id, { patch: { n: 2 } })
    expect(await seen(job)).toEqual([
      { token: '[masked]', n: 2 },
      { token: 'hunter2', n: 2 },
    ])
    expect(job.title).not.toContain('hunter2')
    expect((await listJobs(db, { filter: { search: 'hunter2' }, limit: 5 }, everybody)).items).toEqual([])
    // And once more: the second repetition hides what the first one hid.
    expect((await seen(await rerun(job.id)))[0]).toEqual({ token: '[masked]', n: 2 })
    // What somebody types in anew is marked by nothing any more.
    expect((await seen(await rerun(old.id, { patch: { token: 'open' } })))[0]).toEqual({ token: 'open', n: 1 })
  })

  test('a rerun that sends a mask back is refused with the field and the way out', async () => {
    // Where nothing is sensitive, the text of a mask is a value like any other.
    const old = await submit(world, { jobType: 'plain', parameters: { token: 'x', n: 1 } })
    expect((await rerun(old.id, { patch: { token: '[masked]' } })).parameters).toEqual({ token: '[masked]', n: 1 })
    const { id } = await submit(world, { jobType: 'pay', parameters: { token: 'hunter2', n: 1 } })
    const refused = await refusal(rerun(id, { patch: { token: '[masked]' } }))
    expect(refused.reason).toBe('INVALID_PARAMETERS')
    expect(refused.data.fields).toEqual([{ path: 'patch.token', message: expect.stringContaining('leave it out') }])
  })

  test('a rerun is checked against the job type as it is now', async () => {
    const { id } = await submit(world, { jobType: 'strict', parameters: { count: 1 } })
    const refused = await refusal(rerun(id, { patch: { count: 'many' } }))
    expect([refused.reason, refused.data.fields?.[0]?.path]).toEqual(['INVALID_PARAMETERS', 'parameters.count'])
    await changeJobType(db, { name: 'strict', changes: { enabled: false }, actor: tester, address: null })
    expect((await refusal(rerun(id))).reason).toBe('JOB_TYPE_DISABLED')
    await changeJobType(db, { name: 'strict', changes: { enabled: true }, actor: tester, address: null })
    expect((await rerun(id)).jobTypeVersion).toBeGreaterThan(1)
  })

  test('a rerun is refused where its patch takes all parameters away, its job is not there, its timeout is too long or its submitter may not submit', async () => {
    const { id } = await submit(world)
    expect((await refusal(rerun(id, { patch: null }))).data.fields?.[0]?.path).toBe('patch')
    expect((await refusal(rerun(world.organizationId))).reason).toBe('NOT_FOUND')
    const submitter = { role: 'OPERATOR', reaches: ['VIEWER', 'OPERATOR'] } as const
    expect((await refusal(rerun(id, { timeoutSeconds: 80_000, submitter }))).data.fields?.[0]?.path).toBe(
      'timeoutSeconds',
    )
    const viewer = { role: 'VIEWER', reaches: ['VIEWER'] } as const
    expect((await refusal(rerun(id, { submitter: viewer }))).reason).toBe('NOT_PERMITTED')
  })

  test('a rerun that the caller rolls back leaves no job', async () => {
    const { id } = await submit(world)
    await expect(
      db.$transaction(async (tx) => {
        await rerunJob(tx, { jobId: id, actor: tester })
        throw new Error('the caller changed its mind')
      }),
    ).rejects.toThrow('the caller changed its mind')
    expect(await db.job.count()).toBe(1)
  })
})
