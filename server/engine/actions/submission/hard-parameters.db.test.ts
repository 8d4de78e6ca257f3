import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJobTypes } from '@/testing/job-types'
import { jobType } from '@/server/engine/domain/job-type-config'
import type { Json } from '../../domain/types'
import { clearJobs, openWorld, refusal, submit, tester } from '@/testing/engine'
import type { EngineError } from '../../domain/errors'
import { getJob, submitJob, submitJobs, updateJob } from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 4 })

/**
 * A look-ahead around a repetition. Only the regular expressions of the runtime know look-ahead, and they take for ever
 * with this one.
 */
const FOREVER = '^(?=(a+)+$)b'
const HARD = `${'a'.repeat(60)}!`

const types: [string, Json][] = [
  ['forever', { pattern: FOREVER }],
  ['long', { type: 'string', maxLength: 200_000, 'x-sensitive': true }],
  ['many', { type: 'array', items: { type: 'integer' } }],
]
await createJobTypes(
  db,
  types.map(([name, field]) => {
    const parameterSchema = { type: 'object', properties: { a: field, b: { type: 'integer' } } }
    return jobType({ name, displayName: name, description: '', handler: 'sample.noop', parameterSchema })
  }),
)

beforeEach(() => clearJobs(db))
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const one = (jobType: string, parameters: Json) => ({
  organizationId: world.organizationId,
  job: { jobType, parameters },
  actor: tester,
})

/** The refusal. On a machine that is too busy to check anything it is asked for again, as a caller would. */
async function answer(ask: () => Promise<unknown>): Promise<EngineError> {
  for (;;) {
    const error = await refusal(ask())
    if (error.reason !== 'UNAVAILABLE') return error
  }
}

test('parameters that would be checked for ever are refused, and nothing of the submission is left', async () => {
  const error = await answer(() => submitJob(db, one('forever', { a: HARD })))
  expect(error.reason).toBe('INVALID_PARAMETERS')
  expect(error.data.fields).toEqual([
    { path: 'parameters', message: expect.stringContaining('would take too long') as string },
  ])
  expect(await db.job.count()).toBe(0)
})

test('long parameters that fit are stored, and their sensitive value is masked', async () => {
  const value = 'x'.repeat(150_000)
  const job = await submitJob(db, one('long', { a: value, b: 1 }))
  const { parameters, unmasked } = await db.jobInput.findUniqueOrThrow({ where: { jobId: job.id } })
  expect(parameters).toEqual({ a: '[masked]', b: 1 })
  expect((unmasked as { a: string }).a === value).toBe(true)
})

test('a submission of many jobs names the first with wrong parameters, whether its check was quick or long', async () => {
  const fine = { jobType: 'plain', parameters: {} }
  const long = (a: Json) => ({ jobType: 'many', parameters: { a } })
  const numbers = Array.from({ length: 20_000 }, (_, i) => i)
  const jobs = [fine, long(numbers), long([...numbers, 'x']), { jobType: 'strict', parameters: {} }]
  const error = await refusal(
    submitJobs(db, { organizationId: world.organizationId, jobs: jobs.slice(0, 3), actor: tester }),
  )
  expect(error.data.fields).toEqual([
    { path: 'jobs[2].parameters.a[20000]', message: 'must be a whole number, not a string' },
  ])
  expect(
    await submitJobs(db, { organizationId: world.organizationId, jobs: jobs.slice(0, 2), actor: tester }),
  ).toHaveLength(2)
})

test('a caller’s transaction waits for the check of parameters, and goes on after a refusal', async () => {
  await db.$transaction(async (tx) => {
    expect((await answer(() => submitJob(tx, one('forever', { a: HARD })))).reason).toBe('INVALID_PARAMETERS')
    await submitJob(tx, one('many', { a: Array.from({ length: 20_000 }, (_, i) => i) }))
  })
  expect(await db.job.count()).toBe(1)
})

test('a change of a waiting job’s parameters is checked in the same way', async () => {
  const { id } = await submit(world, { jobType: 'forever', parameters: { a: 1 } })
  const change = (parameters: Json) => updateJob(db, { jobId: id, changes: { parameters }, actor: tester })
  expect((await answer(() => change({ a: HARD }))).data.fields?.[0]?.path).toBe('changes.parameters')
  await change({ a: Array.from({ length: 20_000 }, (_, i) => i), b: 2 })
  expect((await getJob(db, id, { all: true })).parameters).toMatchObject({ b: 2 })
})

test('other submissions go on while hard parameters are checked, because no connection waits for a check', async () => {
  const hard = Array.from({ length: 8 }, (_, b) => refusal(submitJob(db, one('forever', { a: HARD, b }))))
  const order: string[] = []
  const noted = Promise.all(hard).then(() => order.push('hard'))
  await submitJob(db, one('plain', { quick: true }))
  order.push('quick')
  await noted
  expect(order).toEqual(['quick', 'hard'])
})
