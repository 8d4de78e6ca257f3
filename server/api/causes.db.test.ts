import { afterAll, expect, it } from 'vitest'
import { createJobTypes } from '@/testing/job-types'
import { claimJobs, dispatchJobs, finishAttempts } from '@/server/engine'
import { workerId } from '@/testing/engine'
import { jobType } from '@/server/engine/domain/job-type-config'
import { data, openApi, refusalOf } from '@/testing/api'

// Groups of jobs that failed for the same cause, as the dashboard and other services ask for them.

const { services, world, api, close } = await openApi()
afterAll(close)

const as = (name: string) => ({ key: world.keys[name]! })
const organizationId = world.acme
const cause = { organizationId, jobType: 'test.order', errorFingerprint: 'refused' }

await createJobTypes(services.db, [
  jobType({
    name: 'test.order',
    displayName: 'Order',
    description: '',
    handler: 'sample.noop',
    parameterSchema: {
      type: 'object',
      properties: { customer: { type: 'string' }, card: { type: 'string', 'x-sensitive': true } },
    },
  }),
])

/** Submits a job for each of these customers and lets all of them die of the same error. Returns their ids. */
async function die(customers: string[]): Promise<string[]> {
  const jobs = customers.map((customer, n) => ({
    jobType: 'test.order',
    dedupe: false,
    parameters: { customer, n, card: '4242' },
  }))
  const { jobs: submitted } = await data(api.mutate('jobs.submitMany', { organizationId, jobs }, as('acme.ADMIN')))
  const ids: string[] = submitted.map(({ id }: { id: string }) => id)
  const claimed = await claimJobs(services.db, workerId, await dispatchJobs(services.db, 'INLINE', 500))
  const ends = claimed.filter(({ jobId }) => ids.includes(jobId))
  await finishAttempts(
    services.db,
    ends.map(({ jobId, attempt }, n) => ({
      kind: 'dead',
      byTimeout: false,
      jobId,
      attempt,
      error: {
        message: `connect ECONNREFUSED 10.0.0.${n}:443`,
        class: 'PERMANENT',
        fingerprint: 'refused',
        stack: null,
      },
    })),
  )
  return ids
}

it('A group of dead letters shows its label and what its parameters have in common, and an OPERATOR ignores it', async () => {
  // Five jobs that wait, with which the parameters of the dead ones are compared.
  await data(
    api.mutate(
      'jobs.submitMany',
      {
        organizationId,
        jobs: Array.from({ length: 5 }, (_, n) => ({
          jobType: 'test.order',
          dedupe: false,
          parameters: { customer: `c${n}` },
          runAt: '2100-01-01T00:00:00Z',
        })),
      },
      as('acme.ADMIN'),
    ),
  )
  await die([...Array.from({ length: 9 }, () => 'Hooli'), 'Acme'])
  const groups = async (more: object = {}) =>
    (
      await data(
        api.query(
          'deadLetters.groups',
          { organizationId, sort: 'count', by: 'cause', bucket: 'hour', ...more },
          as('acme.VIEWER'),
        ),
      )
    ).items
  expect(await groups()).toMatchObject([
    {
      pattern: 'connect ECONNREFUSED ‹host›',
      count: 10,
      jobTypes: [{ jobType: 'test.order', count: 10 }],
      newSince: expect.stringMatching(/Z$/),
      lastAction: null,
      ignored: null,
    },
  ])
  expect(await data(api.query('deadLetters.parametersInCommon', cause, as('acme.VIEWER')))).toEqual({
    items: [{ path: 'customer', value: 'Hooli', count: 9, of: 10, others: { count: 0, of: 5 } }],
  })
  expect(await data(api.query('deadLetters.figures', { organizationId }, as('acme.VIEWER')))).toEqual({
    dead: 10,
    newCauses24h: 1,
    oldestAt: expect.stringMatching(/Z$/),
  })
  const { items } = await data(api.query('metrics.failing', { organizationId, range: '1h' }, as('acme.VIEWER')))
  expect(items).toMatchObject([{ jobType: 'test.order', count: 10, dead: 10, pattern: 'connect ECONNREFUSED ‹host›' }])

  const ignore = (more: object, who = 'acme.OPERATOR') =>
    api.mutate('deadLetters.ignore', { ...cause, reason: 'Known', ...more }, as(who))
  expect(await refusalOf(ignore({}))).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path: 'until' }] })
  expect(await data(ignore({ perHour: 100, until: '2100-01-01T00:00:00Z' }))).toEqual({ ignored: true })
  expect(await groups()).toEqual([])
  expect((await groups({ ignored: true }))[0].ignored).toMatchObject({
    until: '2100-01-01T00:00:00.000Z',
    perHour: 100,
    reason: 'Known',
    by: { type: 'key', name: 'OPERATOR key' },
  })
  expect(await data(api.mutate('deadLetters.unignore', cause, as('acme.OPERATOR')))).toEqual({ ignored: false })
  expect(await groups()).toHaveLength(1)
})

it('A dry run tells what would be done, and does nothing', async () => {
  const before = await services.db.executionLog.count()
  // The ten dead letters of the test above.
  const asked = { organizationId, filter: { errorFingerprint: 'refused' }, dryRun: true }
  expect(await data(api.mutate('jobs.retryMany', asked, as('acme.ADMIN')))).toEqual({
    matched: 10,
    capped: false,
    would: 10,
    skipped: [],
    warnings: [{ code: 'PERMANENT_ERROR', count: 10, message: expect.any(String) }],
  })
  expect(await data(api.mutate('jobs.cancelMany', asked, as('acme.OPERATOR')))).toMatchObject({
    would: 0,
    skipped: [{ reason: 'NOT_PERMITTED', count: 10 }],
  })
  expect(await data(api.mutate('jobs.deleteMany', asked, as('acme.ADMIN')))).toMatchObject({
    would: 10,
    warnings: [{ code: 'STILL_RETRYABLE', count: 10 }],
  })
  expect(await services.db.executionLog.count()).toBe(before)
  expect((await refusalOf(api.mutate('jobs.retryMany', asked, as('acme.OPERATOR')))).reason).toBe('NOT_PERMITTED')
})
