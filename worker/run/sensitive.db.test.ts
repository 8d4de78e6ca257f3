import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { claimJobs, dispatchJobs, finishAttempts } from '@/server/engine'
import { openOrganizationQueries } from '@/server/engine/reports'
import { openArtifactStore } from '@/server/storage'
import { openSecretJobs, parameters, PASSWORD, PIN, SECRETS, TOKENS } from '@/testing/secret-jobs'
import { defineHandler, PermanentError, type ExportedJob } from '../handler'
import exportJobs from '../handlers/export.jobs'
import { recordingContext } from '@/worker/handler/recording'
import { Attempt } from './attempt'
import { runInline } from './inline'
import { Reporter } from './reporter'

const { database, services, world, api, as, submit, close } = await openSecretJobs()
const storage = mkdtempSync(path.join(tmpdir(), 'jobyard-sensitive-'))
afterAll(async () => {
  await close()
  rmSync(storage, { recursive: true, force: true })
})

test('a handler gets secret parameters as they are, and nothing that it says of them shows them to a reader', async () => {
  const { id } = (await submit()).data as { id: string }
  const dispatched = await dispatchJobs(services.db, 'INLINE', 500)
  // Claimed under the id of no worker, as none is registered.
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
      // A line is cut at 8,000 characters and an error at 2,000. No part of the secret may be left there.
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
    storage: { directory: '/nowhere' },
    outside: null,
    onUnstoppable: () => undefined,
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

test('secret parameters are masked in an export, which anybody of the organization may download', async () => {
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
