import { afterAll, expect, it } from 'vitest'
import { claimJobs, dispatchJobs, issueAttemptToken } from '@/server/engine'
import { openSecretJobs, parameters, PASSWORD, PIN, SECRETS, TOKENS } from '@/testing/secret-jobs'

// Follows a job with secret parameters from its submission to the last place that shows it.
// worker/run/sensitive.db.test.ts tests what its handler sees and logs.

const masked = {
  account: 'ada@example.com',
  login: { password: '[masked]' },
  tokens: ['[masked]', '[masked]'],
  pin: '[masked]',
}

const { services, world, api, as, submit, close } = await openSecretJobs()
afterAll(close)

it('a sensitive parameter is shown to callers who may submit, one job at a time, and to nobody else', async () => {
  const answer = await submit()
  const { id } = answer.data as { id: string }
  expect(answer.data.parameters).toEqual(parameters)
  for (const role of ['acme.OPERATOR', 'acme.ADMIN', 'root']) {
    expect((await api.query('jobs.get', { jobId: id }, as(role))).data.parameters, role).toEqual(parameters)
    expect((await api.query('jobs.get', { jobId: id, masked: true }, as(role))).data.parameters, role).toEqual(masked)
    const list = await api.query('jobs.list', { organizationId: world.acme, limit: 1 }, as(role))
    expect(list.data.items[0].parameters, role).toEqual(masked)
  }
  expect((await api.query('jobs.get', { jobId: id }, as('acme.VIEWER'))).data.parameters).toEqual(masked)
  expect((await api.mutate('jobs.cancel', { jobId: id }, as('acme.ADMIN'))).data.parameters).toEqual(parameters)
})

it('a rerun takes over a sensitive parameter without showing it, and a caller who may not see it may not rerun', async () => {
  const { id } = (await submit()).data as { id: string }
  const rerun = (input: object, who: string) => api.mutate('jobs.rerun', { jobId: id, ...input }, as(who))
  const { data: again } = await rerun({ patch: { account: 'bob@example.com', pin: null } }, 'acme.OPERATOR')
  const { pin: _, ...kept } = { ...parameters, account: 'bob@example.com' }
  expect(again).toMatchObject({ rerunOf: id, parameters: kept })
  const { pin: __, ...shown } = { ...masked, account: 'bob@example.com' }
  expect((await api.query('jobs.get', { jobId: again.id }, as('acme.VIEWER'))).data.parameters).toEqual(shown)
  const whole = await rerun({ patch: { login: { password: '[masked]' } } }, 'acme.OPERATOR')
  expect(whole.error.data).toMatchObject({ reason: 'INVALID_PARAMETERS', fields: [{ path: 'patch.login.password' }] })
  expect((await rerun({}, 'acme.VIEWER')).error.data.reason).toBe('NOT_PERMITTED')
  expect((await rerun({}, 'globex.ADMIN')).error.data.reason).toBe('NOT_FOUND')
})

it('a person who is ADMIN elsewhere sees a sensitive parameter masked as a VIEWER here, and as it is as an OPERATOR here', async () => {
  const { id } = (await submit()).data as { id: string }
  const userId = world.userIds['globex.ADMIN']!
  const { id: personId } = await services.db.person.findFirstOrThrow({ where: { userId } })
  await services.db.orgMember.create({ data: { personId, organizationId: world.acme, role: 'VIEWER' } })
  const both = { cookie: world.cookies['globex.ADMIN'] }
  expect((await api.query('jobs.get', { jobId: id }, both)).data.parameters).toEqual(masked)
  await services.db.orgMember.updateMany({
    where: { personId, organizationId: world.acme },
    data: { role: 'OPERATOR' },
  })
  expect((await api.query('jobs.get', { jobId: id }, both)).data.parameters).toEqual(parameters)
})

it('no search and no filter finds a sensitive parameter, even for an ADMIN, but they find the other parameters', async () => {
  const { id } = (await submit({ ...parameters, account: 'findable@example.com' })).data as { id: string }
  const count = async (filter: object) => (await api.query('jobs.count', filter, as('acme.ADMIN'))).data.count
  expect(await count({ search: 'findable@example.com' })).toBe(1)
  expect(await count({ args: [{ path: 'account', value: 'findable@example.com' }] })).toBe(1)
  for (const word of ['correct', 'horse/battery', 'staple', TOKENS[0], String(PIN)])
    expect(await count({ search: word }), word).toBe(0)
  for (const [at, value] of [
    ['login.password', PASSWORD],
    ['tokens.0', TOKENS[0]],
    ['pin', PIN],
    ['login', { password: PASSWORD }],
    ['tokens', TOKENS],
  ]) {
    expect(await count({ args: [{ path: at, value }] }), String(at)).toBe(0)
  }
  expect(await count({ search: id })).toBe(1)
})

it('an external service that reports a sensitive parameter does not make it visible', async () => {
  const { id } = (await submit()).data as { id: string }
  const dispatched = await dispatchJobs(services.db, 'INLINE', 500)
  await claimJobs(
    services.db,
    // Any id will do as that of the worker.
    world.acme,
    dispatched.filter(({ jobId }) => jobId === id),
  )
  const token = { key: (await issueAttemptToken(services.db, { jobId: id, attempt: 1 }))! }
  expect((await api.mutate('attempts.progress', { percent: 5, message: `at ${TOKENS[0]}` }, token)).status).toBe(200)
  expect((await api.query('jobs.get', { jobId: id }, as('acme.VIEWER'))).data.progressMessage).toBe('at [masked]')
  expect(
    (await api.mutate('attempts.fail', { message: `${PASSWORD} was refused`, class: 'PERMANENT' }, token)).status,
  ).toBe(200)
  for (const procedure of ['jobs.get', 'jobs.attempts', 'jobs.history']) {
    const { text } = await api.query(procedure, { jobId: id }, as('acme.VIEWER'))
    for (const part of SECRETS) expect(text, procedure).not.toContain(part)
  }
  expect((await api.query('jobs.get', { jobId: id }, as('acme.VIEWER'))).data.error.message).toBe(
    '[masked] was refused',
  )
})

it('a submission with a mask in place of a sensitive value is refused, and the caller is told which value is missing', async () => {
  const { error } = await submit({ ...masked, login: { password: 'new' }, pin: 1 })
  expect(error.data).toMatchObject({
    reason: 'INVALID_PARAMETERS',
    fields: [{ path: 'parameters.tokens[0]' }, { path: 'parameters.tokens[1]' }],
  })
  expect(error.data.fields[0].message).toContain('give its value')
})

it('duplicates and idempotency keys are judged by the real values of sensitive parameters', async () => {
  const job = { account: 'dedupe' }
  const first = await submit({ ...job, pin: 1 }, { dedupe: true, idempotencyKey: 'k1' })
  expect((await submit({ ...job, pin: 2 }, { dedupe: true })).status).toBe(200)
  expect((await submit({ ...job, pin: 1 }, { dedupe: true })).error.data).toMatchObject({
    reason: 'DUPLICATE_JOB',
    existingJobId: first.data.id,
  })
  expect((await submit({ ...job, pin: 2 }, { dedupe: true, idempotencyKey: 'k1' })).error.data.reason).toBe(
    'IDEMPOTENCY_MISMATCH',
  )
  const again = await submit({ ...job, pin: 1 }, { dedupe: true, idempotencyKey: 'k1' })
  expect(again.data).toMatchObject({ id: first.data.id, parameters: { pin: 1 } })
})

it('what is sensitive depends on the job’s version of its type, and not on the present version', async () => {
  const before = (await submit({ account: 'version-one', pin: 5 })).data as { id: string }
  const change = {
    name: 'test.secret',
    changes: { parameterSchema: { type: 'object', properties: { account: { type: 'string', 'x-sensitive': true } } } },
  }
  expect((await api.mutate('jobTypes.update', change, as('root'))).status).toBe(200)
  const after = (await submit({ account: 'version-two', pin: 5 })).data as { id: string }
  const shown = async (jobId: string) => (await api.query('jobs.get', { jobId }, as('acme.VIEWER'))).data.parameters
  expect(await shown(before.id)).toEqual({ account: 'version-one', pin: '[masked]' })
  expect(await shown(after.id)).toEqual({ account: '[masked]', pin: 5 })
})
