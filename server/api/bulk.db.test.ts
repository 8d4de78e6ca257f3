import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { runBulks } from '@/server/engine'
import { data, openApi, reasonOf, refusalOf } from '@/testing/api'

// Changes of waiting jobs, and of many jobs at once, called as another service calls them.

const { services, world, api, close } = await openApi()
afterAll(close)

/** A call through our one proxy (10.0.0.1), which saw it come from 203.0.113.9. The audit notes that address. */
const as = (name: string) => ({ key: world.keys[name]!, headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } })
const submit = (name = 'acme.ADMIN', over: object = {}) =>
  data(
    api.mutate(
      'jobs.submit',
      { organizationId: world.acme, jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z', ...over },
      as(name),
    ),
  )
const submitMany = async (count: number, over: object = {}) => {
  const jobs = Array.from({ length: count }, () => ({
    jobType: 'test.noop',
    dedupe: false,
    runAt: '2100-01-01T00:00:00Z',
    ...over,
  }))
  const { jobs: submitted } = await data(
    api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, as('acme.ADMIN')),
  )
  return submitted.map(({ id }: { id: string }) => id) as string[]
}
const audit = (action: string) => services.db.auditEvent.findFirst({ where: { action }, orderBy: { id: 'desc' } })

/** Does the leader's work until the bulk action has ended. The leader does those of more than 500 jobs. */
async function runToEnd(answer: { bulkId?: string }, counts: { matched: number; changed: number }) {
  expect(answer).toMatchObject({ matched: counts.matched, changed: 0, bulkId: expect.any(String) })
  while ((await runBulks(services.db, { forMs: 60_000 })).ended.length === 0);
  const bulk = await data(api.query('bulk.get', { bulkId: answer.bulkId }, as('acme.VIEWER')))
  expect(bulk).toMatchObject({ status: 'COMPLETED', ...counts })
  return bulk
}

describe('jobs.update', () => {
  const update = (jobId: string, changes: object, who = 'acme.ADMIN', more: object = {}) =>
    api.mutate('jobs.update', { jobId, changes, ...more }, as(who))

  it('the answer has the changed job, and its history tells what was changed', async () => {
    const job = await submit('acme.OPERATOR', { parameters: { a: 1 } })
    const changes = {
      priority: 'HIGH',
      runAt: '2100-02-01T00:00:00+02:00',
      parameters: { a: 2 },
      maxRetries: 0,
      timeoutSeconds: 1,
    }
    const changed = await data(update(job.id, changes, 'acme.OPERATOR', { reason: 'typo' }))
    // The title is made of the parameters, so it changes with them.
    expect(changed).toEqual({ ...job, ...changes, title: '2', runAt: '2100-01-31T22:00:00.000Z' })
    const { items } = await data(api.query('jobs.history', { jobId: job.id }, as('acme.VIEWER')))
    expect(items.at(-1)).toMatchObject({
      fromStatus: 'PENDING',
      toStatus: 'PENDING',
      actor: { type: 'key', name: 'OPERATOR key' },
    })
    expect(items.at(-1).message).toMatch(/^Changed priority from NORMAL to HIGH, .*parameters \(a\): typo$/)
  })

  it('nobody below ADMIN sets the timeout of a job above that of its type, by submit, submitMany or update', async () => {
    const { timeoutSeconds: most } = await services.db.jobType.findUniqueOrThrow({ where: { name: 'test.noop' } })
    const long = { timeoutSeconds: most + 1 }
    const told = (path: string) => ({
      reason: 'INVALID_INPUT',
      fields: [{ path, message: expect.stringMatching(new RegExp(`at most ${most} seconds.* ADMIN`)) }],
    })
    const job = { organizationId: world.acme, jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z' }
    const { organizationId, ...one } = job
    expect(await refusalOf(api.mutate('jobs.submit', { ...job, ...long }, as('acme.OPERATOR')))).toMatchObject(
      told('timeoutSeconds'),
    )
    expect(
      await refusalOf(
        api.mutate('jobs.submitMany', { organizationId, jobs: [one, { ...one, ...long }] }, as('acme.OPERATOR')),
      ),
    ).toMatchObject(told('jobs[1].timeoutSeconds'))
    const own = await submit('acme.OPERATOR', { timeoutSeconds: most })
    expect(await refusalOf(update(own.id, long, 'acme.OPERATOR'))).toMatchObject(told('changes.timeoutSeconds'))
    expect(await data(update(own.id, long, 'acme.ADMIN'))).toMatchObject(long)
    // A timeout that an ADMIN has set may stay when an OPERATOR sends the whole form again.
    expect(await data(update(own.id, { ...long, maxRetries: 1 }, 'acme.OPERATOR'))).toMatchObject({
      ...long,
      maxRetries: 1,
    })
    expect(await submit('acme.ADMIN', { timeoutSeconds: 86_400 })).toMatchObject({ timeoutSeconds: 86_400 })
  })

  it('an OPERATOR changes only their own jobs, and an ADMIN also those of others', async () => {
    const [own, other] = [await submit('acme.OPERATOR'), await submit('acme.ADMIN')]
    expect(await data(update(own.id, { priority: 'LOW' }, 'acme.OPERATOR'))).toMatchObject({ priority: 'LOW' })
    expect(await data(update(own.id, { priority: 'HIGH' }, 'acme.ADMIN'))).toMatchObject({ priority: 'HIGH' })
    expect(await reasonOf(update(other.id, { priority: 'LOW' }, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
    expect(await reasonOf(update(own.id, { priority: 'LOW' }, 'acme.VIEWER'))).toBe('NOT_PERMITTED')
    expect(await reasonOf(update(own.id, { priority: 'LOW' }, 'globex.ADMIN'))).toBe('NOT_FOUND')
  })

  it('a wrong change is refused as at submission, with the name of a wrong parameter, and so is a change of a canceled job', async () => {
    const job = await submit('acme.ADMIN', { jobType: 'test.strict', parameters: { count: 1 } })
    for (const changes of [
      {},
      { priority: 'URGENT' },
      { timeoutSeconds: 0 },
      { status: 'QUEUED' },
      { runAt: 'soon' },
      { maxRetries: '1' },
    ]) {
      expect(await reasonOf(update(job.id, changes)), JSON.stringify(changes)).toBe('INVALID_INPUT')
    }
    expect(await refusalOf(update(job.id, { parameters: { count: 'x' } }))).toMatchObject({
      reason: 'INVALID_PARAMETERS',
      fields: [{ path: 'changes.parameters.count' }],
    })
    expect(await reasonOf(update(job.id, { parameters: { text: 'nul \0' } }))).toBe('INVALID_INPUT')
    await data(api.mutate('jobs.cancel', { jobId: job.id }, as('acme.ADMIN')))
    expect(await refusalOf(update(job.id, { priority: 'LOW' }))).toMatchObject({
      code: 'CONFLICT',
      reason: 'ILLEGAL_TRANSITION',
      from: 'CANCELED',
      to: 'CANCELED',
    })
  })
})

describe('jobs.cancelMany', () => {
  const cancelMany = (input: object, who = 'acme.ADMIN') =>
    api.mutate('jobs.cancelMany', { organizationId: world.acme, ...input }, as(who))

  it('canceling by ids cancels each job once, and tells why a job was skipped', async () => {
    const [first, second, ended] = [await submit(), await submit(), await submit()]
    const foreign = await data(
      api.mutate(
        'jobs.submit',
        { organizationId: world.globex, jobType: 'test.noop', dedupe: false },
        as('globex.ADMIN'),
      ),
    )
    await data(api.mutate('jobs.cancel', { jobId: ended.id }, as('acme.ADMIN')))
    const unknown = uuidv7()
    const answer = await data(
      cancelMany({ jobIds: [first.id, second.id, first.id, ended.id, foreign.id, unknown], reason: 'by mistake' }),
    )
    expect(answer).toMatchObject({ matched: 3, changed: 2 })
    expect(answer.skipped).toHaveLength(3)
    expect(answer.skipped).toEqual(
      expect.arrayContaining([
        { jobId: ended.id, reason: 'ILLEGAL_TRANSITION' },
        { jobId: foreign.id, reason: 'NOT_FOUND' },
        { jobId: unknown, reason: 'NOT_FOUND' },
      ]),
    )
    expect(await data(api.query('jobs.get', { jobId: first.id }, as('acme.VIEWER')))).toMatchObject({
      status: 'CANCELED',
      cancelReason: 'by mistake',
      canceledBy: { name: 'ADMIN key' },
    })
    expect((await data(api.query('jobs.get', { jobId: foreign.id }, as('globex.VIEWER')))).status).toBe('PENDING')
    expect(await audit('job.cancelMany')).toMatchObject({
      organizationId: world.acme,
      address: '203.0.113.9',
      reason: 'by mistake',
      // A cancel begins with the newest job, every other bulk action with the oldest.
      after: { matched: 3, canceled: [second.id, first.id] },
    })
  })

  it('canceling by filter cancels what matches at the time of the call', async () => {
    const jobs = [
      await submit('acme.ADMIN', { priority: 'LOW' }),
      await submit('acme.ADMIN', { priority: 'LOW' }),
      await submit('acme.ADMIN', { priority: 'HIGH' }),
    ]
    expect(await data(cancelMany({ filter: { priority: ['LOW'], status: ['PENDING'] } }))).toEqual({
      matched: 2,
      changed: 2,
      skipped: [],
      receiptId: expect.any(String),
    })
    expect(await data(cancelMany({ filter: { priority: ['LOW'], status: ['PENDING'] } }))).toEqual({
      matched: 0,
      changed: 0,
      skipped: [],
    })
    expect((await data(api.query('jobs.get', { jobId: jobs[2].id }, as('acme.VIEWER')))).status).toBe('PENDING')
    expect((await audit('job.cancelMany'))?.after).toMatchObject({ filter: { priority: ['LOW'], status: ['PENDING'] } })
  })

  it('an OPERATOR who cancels many jobs cancels their own and leaves those of others', async () => {
    const [own, other] = [await submit('acme.OPERATOR'), await submit('acme.ADMIN')]
    expect(await data(cancelMany({ jobIds: [own.id, other.id] }, 'acme.OPERATOR'))).toEqual({
      matched: 2,
      changed: 1,
      skipped: [{ jobId: other.id, reason: 'NOT_PERMITTED' }],
      receiptId: expect.any(String),
    })
    expect((await data(api.query('jobs.get', { jobId: other.id }, as('acme.VIEWER')))).status).toBe('PENDING')
    expect(await reasonOf(cancelMany({ jobIds: [own.id] }, 'acme.VIEWER'))).toBe('NOT_PERMITTED')
    expect(await reasonOf(cancelMany({ jobIds: [own.id] }, 'globex.ADMIN'))).toBe('NOT_FOUND')
  })

  it('canceling every job needs all: true', async () => {
    await submit()
    for (const input of [
      {},
      { filter: {} },
      { filter: { status: [], jobType: [] } },
      { filter: { organizationId: world.acme } },
      { filter: {}, all: false },
    ]) {
      expect(await reasonOf(cancelMany(input)), JSON.stringify(input)).toBe('INVALID_INPUT')
    }
    expect(await reasonOf(cancelMany({ jobIds: [uuidv7()], filter: { status: ['PENDING'] } }))).toBe('INVALID_INPUT')
    expect(await reasonOf(cancelMany({ filter: { organizationId: world.globex, status: ['PENDING'] } }))).toBe(
      'INVALID_INPUT',
    )
    const answer = await data(cancelMany({ filter: {}, all: true }))
    expect(answer.changed).toBeGreaterThan(0)
    expect(answer.matched).toBe(answer.changed + answer.skipped.length)
    expect(
      (await data(api.query('jobs.count', { organizationId: world.acme, status: ['PENDING'] }, as('acme.VIEWER'))))
        .count,
    ).toBe(0)
    expect(
      (await data(api.query('jobs.count', { organizationId: world.globex, status: ['PENDING'] }, as('globex.VIEWER'))))
        .count,
    ).toBeGreaterThan(0)
  })

  it('parents and children that are canceled together all become CANCELED, however many there are', async () => {
    const parent = await submit()
    const children = Array.from({ length: 600 }, () => ({
      jobType: 'test.noop',
      dedupe: false,
      dependsOn: [parent.id],
    }))
    const { jobs } = await data(
      api.mutate('jobs.submitMany', { organizationId: world.acme, jobs: children }, as('acme.ADMIN')),
    )
    const jobIds = [parent, ...jobs].map(({ id }: { id: string }) => id)
    const { reasons } = await data(api.query('jobs.explain', { jobId: jobIds[1] }, as('acme.VIEWER')))
    expect(reasons[0]).toMatchObject({
      code: 'WAITING_FOR_PARENTS',
      data: { count: 1, parents: [{ jobId: parent.id, status: 'PENDING' }] },
    })
    await runToEnd(await data(cancelMany({ jobIds })), { matched: 601, changed: 601 })
    expect(await services.db.job.count({ where: { id: { in: jobIds }, status: 'CANCELED' } })).toBe(601)
  })

  it('a bulk action with more than 10,000 ids in one call is refused', async () => {
    expect(await reasonOf(cancelMany({ jobIds: Array.from({ length: 10_001 }, () => uuidv7()) }))).toBe('INVALID_INPUT')
  })
})

describe('jobs.retryMany and jobs.deleteMany', () => {
  const call = (what: string, input: object, who = 'acme.ADMIN') =>
    api.mutate(`jobs.${what}`, { organizationId: world.acme, ...input }, as(who))

  it('only an ADMIN of the organization retries or deletes many jobs', async () => {
    const { id } = await submit('acme.OPERATOR')
    for (const what of ['retryMany', 'deleteMany']) {
      expect(await reasonOf(call(what, { jobIds: [id] }, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
      expect(await reasonOf(call(what, { jobIds: [id] }, 'globex.ADMIN'))).toBe('NOT_FOUND')
      expect(await reasonOf(call(what, { filter: {} }))).toBe('INVALID_INPUT')
    }
  })

  it('retrying many jobs brings them back, and deleting many removes them', async () => {
    const ids = await submitMany(3, { parameters: { batch: { of: 'retries' } } })
    await data(call('cancelMany', { jobIds: ids }))
    const filter = { args: [{ path: 'batch.of', value: 'retries' }], status: ['CANCELED'] }
    expect(await data(call('retryMany', { filter, reason: 'after all' }))).toEqual({
      matched: 3,
      changed: 3,
      skipped: [],
      receiptId: expect.any(String),
    })
    expect((await audit('job.retryMany'))?.after).toMatchObject({ retried: [...ids].sort() })
    expect(await data(call('deleteMany', { jobIds: ids }))).toMatchObject({
      changed: 0,
      skipped: ids.map((jobId) => ({ jobId, reason: 'ILLEGAL_TRANSITION' })),
    })
    await data(call('cancelMany', { jobIds: ids }))
    expect(await data(call('deleteMany', { jobIds: ids }))).toMatchObject({ matched: 3, changed: 3, skipped: [] })
    expect(await reasonOf(api.query('jobs.get', { jobId: ids[0] }, as('acme.ADMIN')))).toBe('NOT_FOUND')
  })
})

// A call does up to 500 jobs itself (MAX_BULK_AT_ONCE). More are left to the leader, so that there is time to abort.
describe('a large bulk action', () => {
  it('a large bulk action can be read while it runs, lists the jobs that it skipped, and cannot be aborted after its end', async () => {
    const ids = await submitMany(650, { priority: 'CRITICAL' })
    await data(api.mutate('jobs.cancel', { jobId: ids[0] }, as('acme.ADMIN')))
    const answer = await data(
      api.mutate(
        'jobs.cancelMany',
        { organizationId: world.acme, filter: { priority: ['CRITICAL'] }, reason: 'storm' },
        as('acme.ADMIN'),
      ),
    )
    expect(answer).toEqual({
      matched: 650,
      changed: 0,
      skipped: [],
      bulkId: expect.any(String),
      receiptId: answer.bulkId,
    })
    const { bulkId } = answer
    const fresh = await data(api.query('bulk.get', { bulkId }, as('acme.VIEWER')))
    expect(fresh).toEqual({
      backfill: null,
      id: bulkId,
      organizationId: world.acme,
      action: 'CANCEL',
      status: 'RUNNING',
      matched: 650,
      processed: 0,
      changed: 0,
      skipped: {},
      filter: { priority: ['CRITICAL'] },
      about: 'priority critical',
      reason: 'storm',
      requestedBy: { type: 'key', id: expect.any(String), name: 'ADMIN key' },
      request: null,
      createdAt: expect.stringMatching(/Z$/),
      workedAt: expect.stringMatching(/Z$/),
      perSecond: null,
      secondsLeft: null,
      auditId: expect.any(String),
      finishedAt: null,
      abortedBy: null,
      abortReason: null,
    })
    expect(
      await data(api.query('bulk.list', { organizationId: world.acme, status: ['RUNNING'] }, as('acme.VIEWER'))),
    ).toEqual({ items: [fresh], nextCursor: null })

    await runToEnd(answer, { matched: 650, changed: 649 })
    const skipped = { items: [{ jobId: ids[0], reason: 'ILLEGAL_TRANSITION' }], nextCursor: null }
    for (const input of [{ bulkId }, { bulkId, reason: 'ILLEGAL_TRANSITION' }])
      expect(await data(api.query('bulk.skipped', input, as('acme.VIEWER')))).toEqual(skipped)
    expect((await data(api.query('bulk.skipped', { bulkId, reason: 'NOT_FOUND' }, as('acme.VIEWER')))).items).toEqual(
      [],
    )
    expect(await reasonOf(api.query('bulk.skipped', { bulkId, reason: 'TIRED' }, as('acme.VIEWER')))).toBe(
      'INVALID_INPUT',
    )
    expect(
      (await data(api.query('bulk.list', { organizationId: world.acme, status: ['RUNNING'] }, as('acme.VIEWER'))))
        .items,
    ).toEqual([])
    const page = await data(api.query('bulk.list', { organizationId: world.acme, limit: 1 }, as('acme.VIEWER')))
    expect(page).toMatchObject({ items: [{ id: bulkId }], nextCursor: expect.any(String) })
    expect(
      (
        await data(
          api.query('bulk.list', { organizationId: world.acme, limit: 1, cursor: page.nextCursor }, as('acme.VIEWER')),
        )
      ).items[0]?.id,
    ).not.toBe(bulkId)
    expect(await refusalOf(api.mutate('bulk.abort', { bulkId }, as('acme.ADMIN')))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      from: 'COMPLETED',
      to: 'ABORTED',
    })
  })

  it('a large bulk action can be aborted by whoever requested it, and an OPERATOR cannot abort that of an ADMIN', async () => {
    const ids = await submitMany(501)
    const start = async (who: string) =>
      (await data(api.mutate('jobs.cancelMany', { organizationId: world.acme, jobIds: ids }, as(who)))).bulkId
    const [admins, operators] = [await start('acme.ADMIN'), await start('acme.OPERATOR')]
    const abort = (bulkId: string, who: string) => api.mutate('bulk.abort', { bulkId, reason: 'not now' }, as(who))
    expect(await reasonOf(abort(admins, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
    expect(await reasonOf(abort(admins, 'acme.VIEWER'))).toBe('NOT_PERMITTED')
    expect(await data(abort(operators, 'acme.OPERATOR'))).toMatchObject({
      status: 'ABORTED',
      abortReason: 'not now',
      abortedBy: { name: 'OPERATOR key' },
    })
    expect(await data(abort(admins, 'acme.ADMIN'))).toMatchObject({ status: 'ABORTED', processed: 0 })
    expect(await services.db.job.count({ where: { id: { in: ids }, status: 'PENDING' } })).toBe(501)
  })

  it('a bulk action is NOT_FOUND for everybody outside its organization', async () => {
    const ids = await submitMany(501)
    const { bulkId } = await data(
      api.mutate('jobs.cancelMany', { organizationId: world.acme, jobIds: ids }, as('acme.ADMIN')),
    )
    for (const path of ['bulk.get', 'bulk.skipped'])
      expect(await reasonOf(api.query(path, { bulkId }, as('globex.ADMIN')))).toBe('NOT_FOUND')
    expect(await reasonOf(api.mutate('bulk.abort', { bulkId }, as('globex.ADMIN')))).toBe('NOT_FOUND')
    expect(await reasonOf(api.query('bulk.list', { organizationId: world.acme }, as('globex.ADMIN')))).toBe('NOT_FOUND')
    expect(await data(api.mutate('bulk.abort', { bulkId }, as('root')))).toMatchObject({ status: 'ABORTED' })
  })
})
