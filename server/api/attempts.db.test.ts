import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { cancelJob, claimJobs, dispatchJobs, issueAttemptToken, registerWorker, type Claimed } from '@/server/engine'
import { tester } from '@/testing/engine'
import { fieldsOf, openApi, reasonOf } from '@/testing/api'
import { sendArtifact } from './artifact'

// An external service reports on an attempt with the token of that attempt.

const logged: string[] = []
const { services, world, api, close } = await openApi({
  log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
})
const worker = { id: uuidv7(), host: 'rack-7', pid: 4711, isolatedSlots: 4, inlineSlots: 100 }

beforeAll(() => registerWorker(services.db, worker))
beforeEach(() => void logged.splice(0))
afterAll(close)

/** Submits a job of an organization and lets this worker claim it, so that it is running. */
async function running(name: 'acme' | 'globex' = 'acme'): Promise<Claimed & { token: string }> {
  const job = await api.mutate(
    'jobs.submit',
    { organizationId: world[name], jobType: 'test.noop', dedupe: false },
    { key: world.keys[`${name}.OPERATOR`] },
  )
  const dispatched = await dispatchJobs(services.db, 'INLINE', 100)
  const claimed = (await claimJobs(services.db, worker.id, dispatched)).find(({ jobId }) => jobId === job.data.id)!
  return { ...claimed, token: (await issueAttemptToken(services.db, claimed))! }
}
const report = (procedure: string, input: unknown, key?: string) => api.mutate(`attempts.${procedure}`, input, { key })
const job = async (id: string) => (await api.query('jobs.get', { jobId: id }, { key: world.keys['acme.VIEWER'] })).data

describe('attempts.*', () => {
  it('an external service reports the progress of its attempt and then its end', async () => {
    const { token, jobId } = await running()
    expect((await report('progress', { percent: 12.4, message: 'Page 1' }, token)).data).toEqual({
      jobId,
      attempt: 1,
      status: 'RUNNING',
      nextRetryAt: null,
    })
    expect(await job(jobId)).toMatchObject({ progress: 12, progressMessage: 'Page 1' })
    const done = await report('complete', { jobId, attempt: 1, result: { pages: [1, null] } }, token)
    expect(done.data).toEqual({ jobId, attempt: 1, status: 'COMPLETED', nextRetryAt: null })
    expect(await job(jobId)).toMatchObject({ status: 'COMPLETED', result: { pages: [1, null] }, progress: 100 })
  })

  it('the last of many progress reports of an external service is stored', async () => {
    const { token, jobId } = await running()
    for (const percent of [1, 2, 3, 4]) expect((await report('progress', { percent }, token)).error).toBeUndefined()
    await vi.waitFor(async () => expect((await job(jobId)).progress).toBe(4), { timeout: 10_000 })
  })

  it('an external service fails its attempt, either to be retried or for good', async () => {
    const passing = await running()
    const failed = (await report('fail', { message: 'Paper jam', retryAfterSeconds: 3_600 }, passing.token)).data
    expect(failed).toMatchObject({ status: 'FAILED', nextRetryAt: expect.stringMatching(/Z$/) })
    expect(await job(passing.jobId)).toMatchObject({
      status: 'FAILED',
      nextRetryAt: failed.nextRetryAt,
      error: { message: 'Paper jam', class: 'TRANSIENT' },
    })
    const final = await running()
    expect((await report('fail', { message: 'No such order', class: 'PERMANENT' }, final.token)).data).toMatchObject({
      status: 'DEAD_LETTER',
      nextRetryAt: null,
    })
  })

  it('a report after the end is refused and logged, and a report after a cancel is refused', async () => {
    const { token, jobId } = await running()
    await report('complete', {}, token)
    for (const [procedure, input] of [
      ['complete', { result: 2 }],
      ['fail', { message: 'x' }],
      ['progress', { percent: 1 }],
    ] as const) {
      const { error, status } = await report(procedure, input, token)
      expect([status, error.data.reason, error.data.from]).toEqual([409, 'ILLEGAL_TRANSITION', 'COMPLETED'])
    }
    expect(logged).toHaveLength(3)
    expect(JSON.parse(logged[0]!)).toMatchObject({
      msg: 'late report refused',
      jobId,
      attempt: 1,
      from: 'COMPLETED',
      to: 'COMPLETED',
    })
    expect(logged.join()).not.toContain(token)

    const canceled = await running()
    await cancelJob(services.db, { jobId: canceled.jobId, actor: tester })
    expect(await reasonOf(report('progress', { percent: 1 }, canceled.token))).toBe('ILLEGAL_TRANSITION')
    expect(await reasonOf(report('complete', {}, canceled.token))).toBe('ILLEGAL_TRANSITION')
  })

  it('a wrong report is refused by field, but only after the token was checked', async () => {
    const { token } = await running()
    const fields = (procedure: string, input: unknown) => fieldsOf(report(procedure, input, token))
    expect(await fields('progress', { percent: 101 })).toEqual(['percent'])
    expect(await fields('progress', { percent: '5' })).toEqual(['percent'])
    expect(await fields('progress', {})).toEqual(['percent'])
    expect(await fields('complete', { results: 1 })).toEqual(['results'])
    expect(await fields('complete', { result: 'a\0b' })).toEqual(['result'])
    expect(await fields('fail', { message: ' ' })).toEqual(['message'])
    expect(await fields('fail', { message: 'x', class: 'PASSING' })).toEqual(['class'])
    expect(await fields('fail', { message: 'x', retryAfterSeconds: -1 })).toEqual(['retryAfterSeconds'])
    // The first is above the 256 KiB of a result, the second above the 1 MiB of a body.
    expect(await reasonOf(report('complete', { result: 'x'.repeat(300_000) }, token))).toBe('TOO_LARGE')
    expect(await reasonOf(report('complete', { result: 'x'.repeat(2_000_000) }, token))).toBe('TOO_LARGE')
    expect(await reasonOf(report('progress', { percent: 101 }))).toBe('UNAUTHENTICATED')
  })
})

describe('the token of an attempt', () => {
  it('the token of an attempt reports on that attempt, and is refused for other attempts, by other procedures and for files', async () => {
    const [mine, other] = [await running(), await running()]
    expect(await reasonOf(report('complete', { jobId: other.jobId }, mine.token))).toBe('NOT_PERMITTED')
    expect(await reasonOf(report('complete', { attempt: 2 }, mine.token))).toBe('NOT_PERMITTED')
    const key = mine.token
    for (const [path, input] of [
      ['jobs.get', { jobId: mine.jobId }],
      ['session.me', undefined],
      ['jobs.list', {}],
      ['metrics.workers', {}],
    ] as const) {
      expect([path, (await api.query(path, input, { key })).error.data.reason]).toEqual([path, 'NOT_PERMITTED'])
    }
    for (const [path, input] of [
      ['jobs.cancel', { jobId: mine.jobId }],
      ['jobs.submit', { organizationId: world.acme, jobType: 'test.noop' }],
      ['workers.drain', { workerId: worker.id }],
    ] as const) {
      expect([path, await reasonOf(api.mutate(path, input, { key }))]).toEqual([path, 'NOT_PERMITTED'])
    }
    const request = new Request('http://localhost:3000/api/artifacts/x/y', {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(
      (await sendArtifact(request, { jobId: mine.jobId, name: 'y' }, { services, storage: {} as never })).status,
    ).toBe(403)
    // The attempt is still running, because no refused call has ended it.
    expect((await report('complete', {}, key)).data).toMatchObject({ status: 'COMPLETED' })
  })

  it('no key and no session can report on an attempt', async () => {
    const { jobId } = await running()
    for (const who of [
      { key: world.keys.root },
      { key: world.keys['acme.ADMIN'] },
      { cookie: world.cookies['acme.ADMIN'] },
    ]) {
      expect((await api.mutate('attempts.complete', { jobId, attempt: 1 }, who)).error.data.reason).toBe(
        'NOT_PERMITTED',
      )
    }
    for (const key of [undefined, 'jy_demo_x', `jy_attempt_${'A'.repeat(43)}`])
      expect(await reasonOf(report('complete', { jobId }, key))).toBe('UNAUTHENTICATED')
    expect((await job(jobId)).status).toBe('RUNNING')
  })

  it('an expired token is refused', async () => {
    const { token, jobId } = await running()
    await services.db
      .$executeRaw`UPDATE attempt_tokens SET expires_at = clock_timestamp() WHERE job_id = ${jobId}::uuid`
    expect(await reasonOf(report('complete', {}, token))).toBe('UNAUTHENTICATED')
    expect((await api.query('session.me', undefined, { key: token })).error.data.reason).toBe('UNAUTHENTICATED')
  })
})
