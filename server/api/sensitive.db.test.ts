import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { createMissingJobTypes } from '@/prisma/seed/upsert-job-types'
import { claimJobs, dispatchJobs, finishAttempts, issueAttemptToken } from '@/server/engine'
import { openArtifactStore } from '@/server/storage'
import { Attempt } from '@/worker/run/attempt'
import { openOrganizationQueries } from '@/worker/data-queries'
import { defineHandler, PermanentError, type ExportedJob } from '@/worker/handler'
import exportJobs from '@/worker/handlers/export.jobs'
import { jobType } from '@/worker/handlers/job-types'
import { recordingContext } from '@/worker/handlers/testing'
import { runInline } from '@/worker/run/inline'
import { Reporter } from '@/worker/run/reporter'
import { openApi } from './api.fixture'

// A job with secrets among its parameters, from its submission to the last place that shows it.

const PASSWORD = 'correct-horse/battery "staple"'
const TOKENS = ['tok_11aa22bb', 'tok_33cc44dd']
const PIN = 48_151_623

const parameters = { account: 'ada@example.com', login: { password: PASSWORD }, tokens: TOKENS, pin: PIN }
const masked = {
  account: 'ada@example.com',
  login: { password: '[masked]' },
  tokens: ['[masked]', '[masked]'],
  pin: '[masked]',
}
/** What must not be found in any text that somebody reads. */
const SECRETS = [PASSWORD, JSON.stringify(PASSWORD).slice(1, -1), encodeURIComponent(PASSWORD), ...TOKENS, String(PIN)]

const { database, services, world, api, close } = await openApi()
let storage: string

beforeAll(async () => {
  storage = mkdtempSync(path.join(tmpdir(), 'jobyard-sensitive-'))
  const secret = { 'x-sensitive': true }
  await createMissingJobTypes(services.db, [
    jobType({
      name: 'test.secret',
      displayName: 'Secret',
      description: '',
      handler: 'sample.noop',
      parameterSchema: {
        type: 'object',
        properties: {
          account: { type: 'string' },
          login: { $ref: '#/$defs/login' },
          tokens: { type: 'array', items: { oneOf: [{ type: 'string', ...secret }, { type: 'null' }] } },
          pin: { type: 'integer', ...secret },
        },
        $defs: { login: { type: 'object', properties: { password: { type: 'string', ...secret } } } },
      },
    }),
  ])
})
afterAll(async () => {
  await close()
  rmSync(storage, { recursive: true, force: true })
})

const as = (name: string) => ({ key: world.keys[name]! })
const submit = async (given: object = parameters, more: object = {}) => {
  const input = { organizationId: world.acme, jobType: 'test.secret', parameters: given, dedupe: false, ...more }
  return api.mutate('jobs.submit', input, as('acme.OPERATOR'))
}

it('is given as it is to those who may submit, one job at a time, and to nobody else', async () => {
  const answer = await submit()
  const { id } = answer.data as { id: string }
  expect(answer.data.parameters).toEqual(parameters)
  for (const role of ['acme.OPERATOR', 'acme.ADMIN', 'root']) {
    expect((await api.query('jobs.get', { jobId: id }, as(role))).data.parameters, role).toEqual(parameters)
    const list = await api.query('jobs.list', { organizationId: world.acme, limit: 1 }, as(role))
    expect(list.data.items[0].parameters, role).toEqual(masked)
  }
  expect((await api.query('jobs.get', { jobId: id }, as('acme.VIEWER'))).data.parameters).toEqual(masked)
  expect((await api.mutate('jobs.cancel', { jobId: id }, as('acme.ADMIN'))).data.parameters).toEqual(parameters)
})

it('goes over into a rerun unseen, and whoever may not see it may not rerun', async () => {
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

it('counts for those who are operators elsewhere only as what they are here', async () => {
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

it('is found by no search and no filter, whoever asks, while the rest of the parameters is', async () => {
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

it('goes to the handler as it is, and out of nothing that the handler says', async () => {
  const { id } = (await submit()).data as { id: string }
  const dispatched = await dispatchJobs(services.db, 'INLINE', 500)
  const [claimed] = await claimJobs(
    services.db,
    world.acme,
    dispatched.filter(({ jobId }) => jobId === id),
  )
  const reporter = new Reporter(services.db, pino({ level: 'silent' }))
  const attempt = new Attempt(
    claimed!,
    performance.now(),
    services.db,
    reporter,
    openArtifactStore({ directory: storage }),
  )
  let seen: unknown
  const handler = defineHandler({
    key: 'test.indiscreet',
    isolated: false,
    schema: z.looseObject({}),
    run: (params, ctx) => {
      seen = params
      ctx.log.info(`signing in with ${PASSWORD}`)
      ctx.log.warn(JSON.stringify(params))
      ctx.log.error(`${'x'.repeat(7_990)}${PASSWORD}`)
      ctx.progress(10, `GET https://x.example/?p=${encodeURIComponent(PASSWORD)}&t=${TOKENS[1]}`)
      return Promise.reject(
        new PermanentError(`${'y'.repeat(1_990)}${PASSWORD}`, {
          cause: new Error(`pin ${PIN} refused for ${TOKENS[0]}`),
        }),
      )
    },
  })
  const end = await runInline(attempt, {
    load: () => Promise.resolve(handler),
    databaseUrl: database.url,
    projectRoot: '/',
    outside: null,
    onDeaf: () => undefined,
  })
  await reporter.finish(id, () => false)
  const outcome = attempt.outcome(end)
  attempt.end()
  expect(await finishAttempts(services.db, [outcome])).toEqual(['written'])
  expect(seen).toEqual(parameters)

  const texts = await Promise.all(
    ['jobs.get', 'jobs.list', 'jobs.logs', 'jobs.attempts', 'jobs.history'].map(async (procedure) => {
      const who = procedure === 'jobs.get' ? 'acme.VIEWER' : 'acme.ADMIN'
      const { text, status } = await api.query(procedure, procedure === 'jobs.list' ? {} : { jobId: id }, as(who))
      expect(status, procedure).toBe(200)
      return text
    }),
  )
  for (const part of [...SECRETS, 'correct-horse']) for (const text of texts) expect(text).not.toContain(part)
  const [job, , logs, attempts] = texts
  expect(logs).toContain('signing in with [masked]')
  expect(attempts).toContain('pin [masked] refused for [masked]')
  expect(job).toContain('DEAD_LETTER')
})

it('does not come back in what a service outside reports either', async () => {
  const { id } = (await submit()).data as { id: string }
  const dispatched = await dispatchJobs(services.db, 'INLINE', 500)
  await claimJobs(
    services.db,
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

it('is masked in an export, which anybody of the organization may download', async () => {
  await submit()
  const data = openOrganizationQueries(database.url, world.acme)
  const recording = recordingContext({ data })
  await exportJobs.run({ jobType: ['test.secret'] }, recording.ctx)
  const csv = [...recording.files.values()].map(({ bytes }) => bytes.toString()).join('')
  expect(csv).toContain('[masked]')
  expect(csv).toContain('ada@example.com')
  for (const part of [...SECRETS, PASSWORD.replaceAll('"', '""')]) expect(csv).not.toContain(part)
  for await (const batch of data.jobs({})) {
    for (const { parameters: shown } of batch satisfies ExportedJob[])
      expect(JSON.stringify(shown)).not.toContain('correct-horse')
  }
  await data.close()
})

it('is not overwritten by the mask that a reader sends back', async () => {
  const { error } = await submit({ ...masked, login: { password: 'new' }, pin: 1 })
  expect(error.data).toMatchObject({
    reason: 'INVALID_PARAMETERS',
    fields: [{ path: 'parameters.tokens[0]' }, { path: 'parameters.tokens[1]' }],
  })
  expect(error.data.fields[0].message).toContain('give its value')
})

it('tells two jobs apart by what it is: duplicates and keys go by the real values', async () => {
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

it('goes by the version of the job, not by what the type says now', async () => {
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
