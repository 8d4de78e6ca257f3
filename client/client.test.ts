import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createJobyardClient, isReason, JobyardError, type ClientOptions, type JobEvent } from './index'

// Against answers that no server would give on request. What real servers and proxies do to it is
// tested in e2e/client.spec.ts.

const KEY = 'jy_live_secret'
const ORG = '01900000-0000-7000-8000-000000000001'

interface Seen {
  path: string
  body: { [name: string]: unknown }
  headers: Headers
  signal: AbortSignal
}
type Reply = Response | Error | 'silence'

/** A client whose server answers with these, in turn; past the last, with nothing. */
function client(replies: Reply[], options: Partial<ClientOptions> = {}) {
  const seen: Seen[] = []
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    const signal = init.signal!
    seen.push({ path: url.pathname + url.search, body: JSON.parse(String(init.body ?? '{}')) as Seen['body'], headers: new Headers(init.headers), signal })
    const reply = replies[seen.length - 1] ?? 'silence'
    if (reply === 'silence') return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    if (reply instanceof Error) throw reply
    return reply
  }
  return { seen, jobyard: createJobyardClient({ url: 'http://jobyard.test', apiKey: KEY, organizationId: ORG, fetch, ...options }) }
}
const ok = (data: unknown) => Response.json({ result: { data } })
const refused = (reason: string, status: number, more: object = {}, headers: Record<string, string> = {}) =>
  Response.json({ error: { message: `${reason}!`, code: -32000, data: { reason, code: 'X', httpStatus: status, ...more } } }, { status, headers })
const cut = () => new TypeError('fetch failed')
const job = { jobType: 'sample.noop' }

async function failure(work: Promise<unknown>): Promise<JobyardError> {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown)
  if (!(error instanceof JobyardError)) throw new Error(`expected a JobyardError, got ${inspect(error)}`)
  return error
}

describe('a submission', () => {
  it('is repeated under the same key until it is answered', async () => {
    const { jobyard, seen } = client([cut(), new Response('<html>502</html>', { status: 502 }), refused('UNAVAILABLE', 503), ok({ id: 'a' })])
    expect(await jobyard.submit(job)).toEqual({ id: 'a' })
    const keys = seen.map(({ body }) => body.idempotencyKey)
    expect(keys).toHaveLength(4)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^client-[0-9a-f]{32}$/)
    expect(seen[0]).toMatchObject({ path: '/api/trpc/jobs.submit', body: { organizationId: ORG, jobType: 'sample.noop' } })
    expect(seen[0]!.headers.get('authorization')).toBe(`Bearer ${KEY}`)
  })

  it('keeps the key that the caller gave, and each of many has its own', async () => {
    const { jobyard, seen } = client([ok({ id: 'a' }), ok({ jobs: [] })])
    await jobyard.submit({ ...job, idempotencyKey: 'order-417' })
    await jobyard.submitMany([job, { ...job, idempotencyKey: 'mine' }, job])
    expect(seen[0]!.body.idempotencyKey).toBe('order-417')
    const keys = (seen[1]!.body.jobs as { idempotencyKey: string }[]).map(({ idempotencyKey }) => idempotencyKey)
    expect(keys[1]).toBe('mine')
    expect(new Set(keys).size).toBe(3)
  })

  it('is not repeated when it was refused, and says why', async () => {
    const { jobyard, seen } = client([refused('DUPLICATE_JOB', 409, { existingJobId: 'b', existingStatus: 'QUEUED' })])
    const error = await failure(jobyard.submit(job))
    expect(seen).toHaveLength(1)
    expect(error).toMatchObject({ reason: 'DUPLICATE_JOB', status: 409, message: 'DUPLICATE_JOB!', data: { existingJobId: 'b', existingStatus: 'QUEUED' } })
    expect(isReason(error, 'DUPLICATE_JOB') && error.data.existingJobId).toBe('b')
    expect(isReason(error, 'NOT_FOUND') || isReason(new Error('x'), 'DUPLICATE_JOB')).toBe(false)
  })

  it('gives up with NETWORK once its patience is over', async () => {
    const { jobyard, seen } = client([cut(), cut(), cut(), cut(), cut(), cut(), cut(), cut()], { patienceMs: 400 })
    expect((await failure(jobyard.submit(job))).reason).toBe('NETWORK')
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.length).toBeLessThan(8)
  })

  it('does not wait for ever for an answer', async () => {
    const { jobyard, seen } = client(['silence', ok({ id: 'a' })], { callTimeoutMs: 50 })
    expect(await jobyard.submit(job)).toEqual({ id: 'a' })
    expect(seen).toHaveLength(2)
  })
})

describe('when the server asks to wait', () => {
  it('it waits as long as the header says, or the answer', async () => {
    for (const reply of [refused('RATE_LIMITED', 429, { retryAfterSeconds: 900 }, { 'retry-after': '0' }), refused('RATE_LIMITED', 429, { retryAfterSeconds: 0.05 })]) {
      const { jobyard, seen } = client([reply, ok({ id: 'a' })])
      expect(await jobyard.submit(job)).toEqual({ id: 'a' })
      expect(seen).toHaveLength(2)
    }
    const date = new Date(Date.now() + 900).toUTCString()
    const { jobyard } = client([refused('RATE_LIMITED', 429, {}, { 'retry-after': date }), ok({ id: 'a' })])
    expect(await jobyard.submit(job)).toEqual({ id: 'a' })
  })

  it('longer than its patience it does not, and says how long it would be', async () => {
    const { jobyard, seen } = client([refused('RATE_LIMITED', 429, { retryAfterSeconds: 900 })])
    const error = await failure(jobyard.submit(job))
    expect(isReason(error, 'RATE_LIMITED') && error.data.retryAfterSeconds).toBe(900)
    expect(seen).toHaveLength(1)
  })

  it('any mutation may be called again, where one without an answer may not', async () => {
    const waiting = client([refused('RATE_LIMITED', 429, { retryAfterSeconds: 0 }), ok({ resumed: true })])
    expect(await waiting.jobyard.api.control.resume.mutate({ scope: 'platform' })).toEqual({ resumed: true })
    const broken = client([cut(), ok({})])
    expect((await failure(broken.jobyard.api.control.resume.mutate({ scope: 'platform' }))).reason).toBe('NETWORK')
    expect(broken.seen).toHaveLength(1)
  })
})

describe('cancel and retry', () => {
  const illegal = (from: string) => refused('ILLEGAL_TRANSITION', 409, { from, to: 'X' })

  it('take a refusal for success where their own first try explains it', async () => {
    const canceled = client([cut(), illegal('CANCELED'), ok({ id: 'a', status: 'CANCELED' })])
    expect(await canceled.jobyard.cancel('a', { reason: 'enough' })).toMatchObject({ status: 'CANCELED' })
    expect(canceled.seen.map(({ path }) => path.split('?')[0])).toEqual(['/api/trpc/jobs.cancel', '/api/trpc/jobs.cancel', '/api/trpc/jobs.get'])
    expect(canceled.seen[0]!.body).toEqual({ jobId: 'a', reason: 'enough' })
    const retried = client([cut(), illegal('RUNNING'), ok({ id: 'a', status: 'RUNNING' })])
    expect(await retried.jobyard.retry('a')).toMatchObject({ status: 'RUNNING' })
  })

  it('and otherwise not', async () => {
    expect((await failure(client([illegal('CANCELED')]).jobyard.cancel('a'))).reason).toBe('ILLEGAL_TRANSITION')
    expect((await failure(client([cut(), illegal('COMPLETED')]).jobyard.cancel('a'))).reason).toBe('ILLEGAL_TRANSITION')
    expect((await failure(client([cut(), illegal('COMPLETED')]).jobyard.retry('a'))).reason).toBe('ILLEGAL_TRANSITION')
  })
})

describe('a signal', () => {
  it('ends what it was given to, with its reason', async () => {
    const reason = new Error('the user left')
    for (const call of [
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.submit(job, { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.get('a', { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.waitFor('a', { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.watch({ signal }).next(),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.list({}, { signal }).next(),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.download({ url: '/api/artifacts/a/b' }, { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.api.session.me.query(undefined, { signal }),
    ]) {
      const { jobyard, seen } = client([])
      const stop = new AbortController()
      const calling = call(jobyard, stop.signal)
      setTimeout(() => stop.abort(reason), 20)
      await expect(calling).rejects.toBe(reason)
      expect(seen[0]!.signal.aborted).toBe(true)
      await expect(call(jobyard, stop.signal)).rejects.toBe(reason)
    }
  })
})

describe('the organization', () => {
  it('is asked for once where none is named, and named where there are several', async () => {
    const one = client([ok({ organizations: [{ id: ORG }] }), ok({ id: 'a' }), ok({ id: 'b' })], { organizationId: undefined })
    await one.jobyard.submit(job)
    await one.jobyard.submit(job)
    expect(one.seen.map(({ path }) => path)).toEqual(['/api/trpc/session.me', '/api/trpc/jobs.submit', '/api/trpc/jobs.submit'])
    expect(one.seen[2]!.body.organizationId).toBe(ORG)
    const many = client([ok({ organizations: [{ id: ORG }, { id: 'other' }] })], { organizationId: undefined })
    await expect(many.jobyard.submit(job)).rejects.toThrow(/name the organizationId/)
  })
})

it('a list is read page by page', async () => {
  const { jobyard, seen } = client([ok({ items: [{ id: 'c' }, { id: 'b' }], nextCursor: 'x' }), ok({ items: [{ id: 'a' }], nextCursor: null })])
  const ids: string[] = []
  for await (const { id } of jobyard.list({ status: ['PENDING'] }, { pageSize: 2 })) ids.push(id)
  expect(ids).toEqual(['c', 'b', 'a'])
  const inputs = seen.map(({ path }) => JSON.parse(new URLSearchParams(path.split('?')[1]).get('input')!) as unknown)
  expect(inputs).toEqual([{ status: ['PENDING'], limit: 2 }, { status: ['PENDING'], cursor: 'x', limit: 2 }])
})

describe('the key', () => {
  it('is in no error, and in nothing that can be looked at', async () => {
    const { jobyard } = client([cut()], { patienceMs: 0 })
    const error = await failure(jobyard.submit(job))
    for (const text of [inspect(jobyard, { depth: 9, showHidden: true }), inspect(error, { depth: 9, showHidden: true }), JSON.stringify([jobyard, error])]) {
      expect(text).not.toContain(KEY)
    }
  })

  it('goes to the server that it is for, and to no other', async () => {
    const { jobyard, seen } = client([])
    await expect(jobyard.download({ url: 'https://evil.example/x' })).rejects.toThrow(/the key is for nobody else/)
    await expect(jobyard.download({ url: '//evil.example/x' })).rejects.toThrow(/the key is for nobody else/)
    expect(seen).toHaveLength(0)
  })
})

describe('a watch', () => {
  const event = (id: string, over: Partial<JobEvent> = {}): JobEvent => ({
    id, type: 'status', jobId: 'a', fromStatus: null, toStatus: 'PENDING', attempt: 0, progress: null, progressMessage: null, at: '2026-01-01T00:00:00.000Z', ...over,
  })
  const stream = (...events: JobEvent[]) =>
    new Response(`event: connected\ndata: {"reconnectAfterInactivityMs":25000}\n\n${events.map((one) => `data: ${JSON.stringify(one)}\nid: ${one.id}\n\n`).join('')}`)
  const placeOf = ({ path }: Seen) => (JSON.parse(new URLSearchParams(path.split('?')[1]).get('input')!) as { lastEventId: string }).lastEventId
  const take = async (events: AsyncGenerator<JobEvent>, count: number) => {
    const taken: JobEvent[] = []
    while (taken.length < count) taken.push((await events.next()).value as JobEvent)
    await events.return(undefined)
    return taken
  }

  it('begins with a place to come back to, and comes back after the last event', async () => {
    const { jobyard, seen } = client([stream(event('1', { type: 'reset', jobId: null })), cut(), stream(event('2')), refused('UNAVAILABLE', 503), stream(event('3'))])
    let starts = 0
    expect((await take(jobyard.watch({ onStart: () => void starts++ }), 2)).map(({ id }) => id)).toEqual(['2', '3'])
    expect(seen.map(placeOf)).toEqual(['start', '1', '1', '2', '2'])
    expect(starts).toBe(1)
  })

  it('passes a reset on where something may really have been missed', async () => {
    const reset = event('9', { type: 'reset', jobId: null })
    const { jobyard } = client([stream(reset)])
    expect(await take(jobyard.watch({ lastEventId: '5' }), 1)).toEqual([reset])
  })

  it('does not repeat progress that comes again with a new connection', async () => {
    const progress = (id: string, value: number) => event(id, { type: 'progress', progress: value, attempt: 1 })
    const { jobyard } = client([stream(progress('1~1', 10)), stream(progress('1~2', 10), progress('1~3', 20))])
    expect((await take(jobyard.watch({ lastEventId: '0' }), 2)).map((one) => one.progress)).toEqual([10, 20])
  })

  it('ends with a refusal, said in an answer or in the stream', async () => {
    const said = new Response(`event: serialized-error\ndata: ${JSON.stringify({ message: 'No.', data: { reason: 'NOT_FOUND', httpStatus: 404 } })}\n\n`)
    for (const reply of [said, refused('NOT_FOUND', 404)]) {
      expect(await failure(client([reply]).jobyard.watch().next())).toMatchObject({ reason: 'NOT_FOUND', status: expect.any(Number) })
    }
  })
})
