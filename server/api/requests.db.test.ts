import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, expect, it } from 'vitest'
import { runBulks, sweepRequests } from '@/server/engine'
import { data, openApi, reasonOf, refusalOf } from '@/testing/api'

// An operator asks for what they may not do, and an admin of the organization does it or declines.

/** The lines of the web process's log. Some have a name (`event`). */
const events: { event?: string }[] = []
const log = pino({ level: 'warn' }, { write: (line: string) => void events.push(JSON.parse(line) as object) })
const { services, world, api, close } = await openApi({ log })
afterAll(close)

/** A call through our one proxy (10.0.0.1), which saw it come from 203.0.113.9. The audit notes that address. */
const as = (name: string) => ({ key: world.keys[name]!, headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } })
const organizationId = world.acme
const submitMany = async (count: number, over: object = {}): Promise<string[]> => {
  const job = { jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z', ...over }
  const jobs = Array.from({ length: count }, () => job)
  const answer = await data(api.mutate('jobs.submitMany', { organizationId, jobs }, as('acme.ADMIN')))
  return answer.jobs.map(({ id }: { id: string }) => id)
}
const ask = (input: object, who = 'acme.OPERATOR') =>
  api.mutate('requests.create', { organizationId, kind: 'CANCEL', reason: 'The customer left', ...input }, as(who))
const decide = (requestId: string, more: object = {}, who = 'acme.ADMIN') =>
  api.mutate('requests.decide', { requestId, decision: 'fulfil', ...more }, as(who))
const get = (requestId: string, who = 'acme.OPERATOR') => data(api.query('requests.get', { requestId }, as(who)))
const withdraw = (requestId: string, who = 'acme.OPERATOR') => api.mutate('requests.withdraw', { requestId }, as(who))
const statusOf = async (jobId: string) => (await data(api.query('jobs.get', { jobId }, as('acme.VIEWER')))).status
const auditOf = (targetId: string) => services.db.auditEvent.findMany({ where: { targetId }, orderBy: { id: 'asc' } })
/** A filter and parameters with a value that no other jobs have. */
const filterFor = () => {
  const value = uuidv7()
  return { filter: { args: [{ path: 'of', value }] }, parameters: { of: value } }
}

it('an operator asks for a change of a job that waits, and an admin makes it; parameters cannot be asked for', async () => {
  const [jobId, started] = await submitMany(2)
  const change = { kind: 'CHANGE_JOB', jobIds: [jobId], changes: { priority: 'HIGH', maxRetries: 2 } }
  expect(await reasonOf(ask({ ...change, changes: {} }))).toBe('INVALID_INPUT')
  expect(await reasonOf(ask({ ...change, changes: { parameters: { token: 'secret' } } }))).toBe('INVALID_INPUT')
  expect(await reasonOf(ask({ ...change, changes: { timeoutSeconds: 0 } }))).toBe('INVALID_INPUT')
  await data(api.mutate('jobs.cancel', { jobId: started }, as('acme.ADMIN')))
  expect(await reasonOf(ask({ ...change, jobIds: [started] })), 'it has ended').toBe('INVALID_INPUT')

  const asked = await data(ask(change))
  expect(asked).toMatchObject({
    kind: 'CHANGE_JOB',
    matched: 1,
    change: { priority: 'HIGH', maxRetries: 2 },
    about: '1 job: priority high, 2 retries',
  })
  expect(await reasonOf(decide(asked.id, {}, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
  expect(await data(decide(asked.id))).toMatchObject({ status: 'DONE', bulkId: null })
  const changed = await data(api.query('jobs.get', { jobId }, as('acme.VIEWER')))
  expect(changed).toMatchObject({ priority: 'HIGH', maxRetries: 2, status: 'PENDING' })
})

it('another limit is asked of the admins of the platform: an admin of the organization may decline it, not do it', async () => {
  const ofType = { kind: 'CHANGE_LIMIT', jobType: 'test.noop', limits: { perOrganization: 3 } }
  expect(await reasonOf(ask({ ...ofType, limits: { maxConcurrent: 3 } }))).toBe('INVALID_INPUT')
  expect(await reasonOf(ask({ ...ofType, jobType: 'no.such-type' }))).toBe('INVALID_INPUT')
  const asked = await data(ask(ofType))
  expect(asked.about).toBe('the job type test.noop: a limit of 3 for jobs that run at once in each organization')
  expect(await reasonOf(decide(asked.id)), 'an admin of the organization').toBe('NOT_PERMITTED')
  const root = { key: world.keys.root! }
  await data(api.mutate('requests.decide', { requestId: asked.id, decision: 'fulfil' }, root))
  const type = await data(api.query('jobTypes.get', { name: 'test.noop' }, root))
  expect(type.concurrency.perOrganization).toBe(3)
  await data(api.mutate('jobTypes.update', { name: 'test.noop', changes: { concurrency: null } }, root))

  const ofOrganization = await data(ask({ kind: 'CHANGE_LIMIT', limits: { maxUnfinished: 5_000 } }, 'acme.ADMIN'))
  await data(api.mutate('requests.decide', { requestId: ofOrganization.id, decision: 'fulfil' }, root))
  expect(await data(api.query('organizations.get', { organizationId }, root))).toMatchObject({ maxUnfinished: 5_000 })
  const declined = await data(ask(ofType))
  expect(await data(decide(declined.id, { decision: 'decline', reason: 'No' }))).toMatchObject({ status: 'DECLINED' })
})

it('a system admin sees the wish for another limit in the list of all organizations; it does not count for an admin who may not grant it', async () => {
  const open = async (who: string, more: object = {}) =>
    (await data(api.query('requests.open', more, as(who)))).count as number
  const list = async (who: string, more: object = {}) =>
    (await data(api.query('requests.list', { status: ['OPEN'], ...more }, as(who)))).items.map(
      ({ id }: { id: string }) => id,
    )
  const before = await Promise.all([open('root'), open('acme.ADMIN'), open('acme.OPERATOR')])
  const limit = await data(ask({ kind: 'CHANGE_LIMIT', jobType: 'test.noop', limits: { perOrganization: 4 } }))
  const jobs = await data(ask({ jobIds: await submitMany(1) }))
  expect(await Promise.all([open('root'), open('acme.ADMIN'), open('acme.OPERATOR')])).toEqual([
    before[0]! + 2,
    before[1]! + 1,
    before[2]! + 2,
  ])
  expect(await open('acme.ADMIN', { organizationId })).toBe(await open('acme.ADMIN'))
  expect((await list('root')).slice(0, 2)).toEqual([jobs.id, limit.id])
  expect(await list('root', { forMe: true })).toContain(limit.id)
  expect(await list('acme.ADMIN')).toContain(limit.id)
  const forAdmin = await list('acme.ADMIN', { forMe: true })
  expect(forAdmin).toContain(jobs.id)
  expect(forAdmin).not.toContain(limit.id)
  // Without an organization, nobody sees more than with each of theirs.
  expect(await list('acme.OPERATOR')).toEqual([jobs.id, limit.id])
  for (const who of ['globex.ADMIN', 'globex.OPERATOR']) expect(await list(who)).not.toContain(limit.id)
  expect(await reasonOf(api.query('requests.list', {}, as('acme.VIEWER')))).toBe('NOT_PERMITTED')
  await Promise.all([data(withdraw(limit.id)), data(withdraw(jobs.id))])
})

it('an operator asks to cancel jobs of others, and an admin cancels exactly those', async () => {
  const { filter, parameters } = filterFor()
  const ids = await submitMany(3, { parameters })
  const asked = await data(ask({ filter }))
  expect(asked).toMatchObject({
    organizationId,
    kind: 'CANCEL',
    status: 'OPEN',
    matched: 3,
    about: `of is "${parameters.of}"`,
    reason: 'The customer left',
    askedBy: { type: 'key', name: 'OPERATOR key' },
    endedBy: null,
    bulkId: null,
  })
  const [later] = await submitMany(1, { parameters })
  await data(api.mutate('jobs.cancel', { jobId: ids[0] }, as('acme.ADMIN')))
  const listed = await data(api.query('jobs.list', { requestId: asked.id }, as('acme.ADMIN')))
  expect(listed.items.map(({ id }: { id: string }) => id).sort()).toEqual([...ids].sort())
  expect(await data(api.query('requests.preview', { requestId: asked.id }, as('acme.ADMIN')))).toMatchObject({
    matched: 3,
    would: 2,
    skipped: [{ reason: 'ILLEGAL_TRANSITION', count: 1 }],
  })

  const done = await data(decide(asked.id, { reason: 'Checked' }))
  expect(done).toMatchObject({ status: 'DONE', endReason: 'Checked', endedBy: { name: 'ADMIN key' } })
  expect(await get(asked.id)).toEqual(done)
  expect(await Promise.all([...ids, later!].map(statusOf))).toEqual(['CANCELED', 'CANCELED', 'CANCELED', 'PENDING'])
  expect(await data(api.query('bulk.get', { bulkId: done.bulkId }, as('acme.VIEWER')))).toMatchObject({
    status: 'COMPLETED',
    matched: 3,
    changed: 2,
    skipped: { ILLEGAL_TRANSITION: 1 },
    filter,
    reason: 'The customer left',
    requestedBy: { name: 'ADMIN key' },
    request: { id: asked.id, askedBy: { name: 'OPERATOR key' } },
  })
  const askedBy = expect.objectContaining({ name: 'OPERATOR key' })
  expect(await auditOf(asked.id)).toMatchObject([
    {
      action: 'request.create',
      actorName: 'OPERATOR key',
      reason: 'The customer left',
      after: { matched: 3, askedBy },
    },
    { action: 'request.fulfil', actorName: 'ADMIN key', address: '203.0.113.9', after: { kind: 'CANCEL', askedBy } },
  ])
  expect(await auditOf(done.bulkId)).toMatchObject([
    { action: 'job.cancelMany', actorName: 'ADMIN key', after: { requestId: asked.id, askedBy } },
  ])
  expect(await services.db.requestItem.count({ where: { requestId: asked.id } })).toBe(0)
})

it('a request about many jobs goes on in the background with the admin’s rights', async () => {
  // More than 500 jobs are left to the leader.
  const ids = await submitMany(650)
  const asked = await data(ask({ jobIds: ids }))
  const { bulkId } = await data(decide(asked.id))
  expect(await data(api.query('bulk.get', { bulkId }, as('acme.OPERATOR')))).toMatchObject({
    status: 'RUNNING',
    matched: 650,
    about: '650 jobs that were chosen one by one',
  })
  while ((await runBulks(services.db, { forMs: 60_000 })).ended.length === 0);
  expect(await services.db.job.count({ where: { id: { in: ids }, status: 'CANCELED' } })).toBe(650)
  expect(await auditOf(bulkId)).toMatchObject([
    { action: 'job.cancelMany', after: { requestId: asked.id, matched: 650 } },
    { action: 'bulk.complete' },
  ])
})

it('a fulfilled request about one job, the organization or a circuit has the same effect as the admin’s own act', async () => {
  const [id] = await submitMany(1)
  await data(api.mutate('jobs.cancel', { jobId: id }, as('acme.ADMIN')))
  const retry = await data(ask({ kind: 'RETRY', jobIds: [id] }))
  await data(decide(retry.id))
  expect(await statusOf(id!)).toBe('PENDING')

  const pause = await data(ask({ kind: 'PAUSE', reason: 'The ledger is closed' }))
  expect(pause).toMatchObject({ about: 'the organization', matched: null })
  expect(await reasonOf(api.query('requests.preview', { requestId: pause.id }, as('acme.ADMIN')))).toBe('INVALID_INPUT')
  expect(await data(decide(pause.id))).toMatchObject({ status: 'DONE', bulkId: null })
  const held = await services.db.pause.findFirstOrThrow({ where: { target: organizationId } })
  expect(held).toMatchObject({ reason: 'The ledger is closed', pausedBy: { name: 'ADMIN key' } })
  expect(await refusalOf(ask({ kind: 'PAUSE' }))).toMatchObject({
    fields: [{ message: expect.stringMatching(/already/) }],
  })
  await data(decide((await data(ask({ kind: 'RESUME' }))).id))
  expect(await services.db.pause.count({ where: { target: organizationId } })).toBe(0)

  const circuit = { jobType: 'test.noop', organizationId }
  const opened = { state: 'OPEN', failures: 8, outcomes: 10, openedAt: new Date(), countsFrom: new Date() } as const
  expect(await reasonOf(ask({ kind: 'CLOSE_CIRCUIT', jobType: 'test.noop' }))).toBe('INVALID_INPUT')
  await services.db.circuit.create({ data: { ...circuit, ...opened } })
  const closing = await data(ask({ kind: 'CLOSE_CIRCUIT', jobType: 'test.noop' }))
  expect(closing).toMatchObject({ about: 'the circuit of test.noop' })
  const again = await data(ask({ kind: 'CLOSE_CIRCUIT', jobType: 'test.noop' }))
  await data(decide(closing.id))
  expect(await services.db.circuit.findFirst({ where: circuit })).toMatchObject({ state: 'CLOSED' })
  expect(await services.db.auditEvent.findFirst({ where: { action: 'circuit.close' } })).toMatchObject({
    reason: 'The customer left',
  })
  const lines = () => events.filter(({ event }) => event === 'circuit')
  expect(lines()).toMatchObject([{ ...circuit, change: 'closed by hand' }])
  // A circuit that is closed already does not close: there is no second line.
  await data(decide(again.id))
  await data(api.mutate('circuits.close', circuit, as('acme.ADMIN')))
  expect(lines()).toHaveLength(1)
})

it('a request is declined with a reason, or taken back, and is then closed', async () => {
  const ids = await submitMany(1)
  const first = await data(ask({ jobIds: ids }))
  expect(await refusalOf(decide(first.id, { decision: 'decline' }))).toMatchObject({ fields: [{ path: 'reason' }] })
  await data(decide(first.id, { decision: 'decline', reason: 'They pay until May' }))
  expect(await get(first.id)).toMatchObject({ status: 'DECLINED', endReason: 'They pay until May' })
  const second = await data(ask({ jobIds: ids }))
  expect(await data(withdraw(second.id))).toMatchObject({ status: 'WITHDRAWN', endedBy: { name: 'OPERATOR key' } })
  for (const id of [first.id, second.id]) {
    expect(await refusalOf(decide(id))).toMatchObject({ reason: 'ILLEGAL_TRANSITION', to: 'DONE' })
    expect(await reasonOf(withdraw(id))).toBe('ILLEGAL_TRANSITION')
  }
  expect(await statusOf(ids[0]!)).toBe('PENDING')
})

it('when two admins decide at the same moment, one decision counts, and the other admin learns that the request is closed', async () => {
  for (let round = 0; round < 10; round++) {
    const [id] = await submitMany(1)
    const request = await data(ask({ jobIds: [id] }))
    const answers = await Promise.all([
      decide(request.id),
      decide(request.id, { decision: 'decline', reason: 'No' }, 'root'),
      decide(request.id, {}, 'root'),
    ])
    expect(answers.filter(({ error }) => !error)).toHaveLength(1)
    const { status } = await get(request.id)
    expect(await statusOf(id!)).toBe(status === 'DONE' ? 'CANCELED' : 'PENDING')
  }
})

it('an operator sees their own requests, an admin all of the organization, and nobody else sees any', async () => {
  const ids = await submitMany(1)
  const [own, admins] = [await data(ask({ jobIds: ids })), await data(ask({ jobIds: ids }, 'acme.ADMIN'))]
  const list = async (who: string, more: object = {}) =>
    (await data(api.query('requests.list', { organizationId, limit: 100, ...more }, as(who)))).items.map(
      ({ id }: { id: string }) => id,
    )
  expect(await list('acme.OPERATOR')).toContain(own.id)
  expect(await list('acme.OPERATOR')).not.toContain(admins.id)
  expect(await list('acme.ADMIN', { status: ['OPEN'] })).toEqual([admins.id, own.id])
  expect(await list('acme.ADMIN', { status: ['DECLINED', 'EXPIRED'] })).not.toContain(own.id)
  const open = async (who: string) => (await data(api.query('requests.open', { organizationId }, as(who)))).count
  expect([await open('acme.OPERATOR'), await open('acme.ADMIN')]).toEqual([1, 2])
  expect(await reasonOf(api.query('requests.get', { requestId: admins.id }, as('acme.OPERATOR')))).toBe('NOT_PERMITTED')
  expect(await reasonOf(api.query('requests.get', { requestId: own.id }, as('acme.VIEWER')))).toBe('NOT_PERMITTED')
  expect(await reasonOf(api.query('requests.get', { requestId: own.id }, as('globex.ADMIN')))).toBe('NOT_FOUND')
  expect(await reasonOf(decide(own.id, {}, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
  expect(await reasonOf(decide(own.id, {}, 'globex.ADMIN'))).toBe('NOT_FOUND')
  expect(await reasonOf(ask({ jobIds: ids }, 'acme.VIEWER'))).toBe('NOT_PERMITTED')
  expect(await reasonOf(ask({ jobIds: ids }, 'globex.ADMIN'))).toBe('NOT_FOUND')
  await Promise.all([data(withdraw(own.id)), data(withdraw(admins.id, 'acme.ADMIN'))])
})

it('a request that makes no sense is refused as INVALID_INPUT, and a decision about one that does not exist as NOT_FOUND', async () => {
  const [id] = await submitMany(1)
  for (const input of [
    {},
    { filter: {} },
    { jobIds: [id], filter: { status: ['PENDING'] } },
    { jobIds: [] },
    { jobIds: [uuidv7()] },
    { filter: { search: uuidv7() } },
    { filter: { requestId: uuidv7() } },
    { filter: { organizationId: world.globex, status: ['PENDING'] } },
    { jobIds: [id], reason: '' },
    { jobIds: [id], reason: 'x'.repeat(501) },
    { jobIds: [id], reason: undefined },
    { jobIds: [id], kind: 'SUSPEND' },
    { jobIds: [id], jobType: 'test.noop' },
    { kind: 'RESUME' },
    { kind: 'PAUSE', jobIds: [id] },
    { kind: 'CLOSE_CIRCUIT' },
    { kind: 'CLOSE_CIRCUIT', jobType: 'no.such-type' },
  ])
    expect(await reasonOf(ask(input)), JSON.stringify(input)).toBe('INVALID_INPUT')
  expect(await reasonOf(decide(uuidv7()))).toBe('NOT_FOUND')
})

it('one person has at most 20 open requests, even after asking many times at once', async () => {
  const ids = await submitMany(1)
  const answers = await Promise.all(Array.from({ length: 24 }, () => ask({ jobIds: ids })))
  const made = answers.filter(({ error }) => !error).map((answer) => answer.data.id as string)
  expect(made).toHaveLength(20)
  await data(withdraw(made[0]!))
  made[0] = (await data(ask({ jobIds: ids }))).id
  await Promise.all(made.map((id) => data(withdraw(id))))
})

it('a request that nobody decides in time expires and loses its list of jobs, and is deleted a month later', async () => {
  const ids = await submitMany(2)
  const request = await data(ask({ jobIds: ids }))
  const { createdAt, expiresAt } = request
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(7 * 86_400_000)
  await services.db.request.update({ where: { id: request.id }, data: { expiresAt: new Date(Date.now() - 1_000) } })
  expect(await get(request.id)).toMatchObject({ status: 'EXPIRED', endedAt: expect.any(String), endedBy: null })
  expect((await data(api.query('requests.open', { organizationId }, as('acme.OPERATOR')))).count).toBe(0)
  expect(await refusalOf(decide(request.id))).toMatchObject({ reason: 'ILLEGAL_TRANSITION', from: 'EXPIRED' })
  await sweepRequests(services.db)
  expect(await services.db.request.findUniqueOrThrow({ where: { id: request.id } })).toMatchObject({
    status: 'EXPIRED',
  })
  expect(await services.db.requestItem.count({ where: { requestId: request.id } })).toBe(0)
  await services.db.request.update({
    where: { id: request.id },
    data: { endedAt: new Date(Date.now() - 31 * 86_400_000) },
  })
  await sweepRequests(services.db)
  expect(await services.db.request.count({ where: { id: request.id } })).toBe(0)
})

it('a request whose jobs are all gone cannot be fulfilled, but can still be declined', async () => {
  const ids = await submitMany(2)
  await data(api.mutate('jobs.cancelMany', { organizationId, jobIds: ids }, as('acme.ADMIN')))
  const request = await data(ask({ kind: 'RETRY', jobIds: ids }))
  await data(api.mutate('jobs.deleteMany', { organizationId, jobIds: ids }, as('acme.ADMIN')))
  expect(await refusalOf(decide(request.id))).toMatchObject({ reason: 'ILLEGAL_TRANSITION', from: 'OPEN' })
  expect(await data(decide(request.id, { decision: 'decline', reason: 'Too late' }))).toMatchObject({
    status: 'DECLINED',
  })
})
