import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { client, cut, failure, inputOf, job, KEY, ok, ORG, refused } from './client.fixture'
import { isReason } from './index'

// These tests need answers that a real server does not give on request. e2e/client.spec.ts tests the client with real
// servers and proxies.

describe('a submission', () => {
  it('a submission is sent again under the same key until it is answered', async () => {
    const { jobyard, seen } = client([
      cut(),
      new Response('<html>502</html>', { status: 502 }),
      refused('UNAVAILABLE', 503),
      ok({ id: 'a' }),
    ])
    expect(await jobyard.submit(job)).toEqual({ id: 'a' })
    const keys = seen.map(({ body }) => body.idempotencyKey)
    expect(keys).toHaveLength(4)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^client-[0-9a-f]{32}$/)
    expect(seen[0]).toMatchObject({
      path: '/api/trpc/jobs.submit',
      body: { organizationId: ORG, jobType: 'sample.noop' },
    })
    expect(seen[0]!.headers.get('authorization')).toBe(`Bearer ${KEY}`)
  })

  it('a submission keeps the idempotency key from the caller, and each of many submissions gets its own', async () => {
    const { jobyard, seen } = client([ok({ id: 'a' }), ok({ jobs: [] })])
    await jobyard.submit({ ...job, idempotencyKey: 'order-417' })
    await jobyard.submitMany([job, { ...job, idempotencyKey: 'mine' }, job])
    expect(seen[0]!.body.idempotencyKey).toBe('order-417')
    const keys = (seen[1]!.body.jobs as { idempotencyKey: string }[]).map(({ idempotencyKey }) => idempotencyKey)
    expect(keys[1]).toBe('mine')
    expect(new Set(keys).size).toBe(3)
  })

  it('a refused submission is not sent again, and the error tells why', async () => {
    const { jobyard, seen } = client([refused('DUPLICATE_JOB', 409, { existingJobId: 'b', existingStatus: 'QUEUED' })])
    const error = await failure(jobyard.submit(job))
    expect(seen).toHaveLength(1)
    expect(error).toMatchObject({
      reason: 'DUPLICATE_JOB',
      status: 409,
      message: 'DUPLICATE_JOB!',
      data: { existingJobId: 'b', existingStatus: 'QUEUED' },
    })
    expect(isReason(error, 'DUPLICATE_JOB') && error.data.existingJobId).toBe('b')
    expect(isReason(error, 'NOT_FOUND') || isReason(new Error('x'), 'DUPLICATE_JOB')).toBe(false)
  })

  it('a submission fails with NETWORK when the client has tried long enough', async () => {
    const { jobyard, seen } = client([cut(), cut(), cut(), cut(), cut(), cut(), cut(), cut()], { patienceMs: 400 })
    expect((await failure(jobyard.submit(job))).reason).toBe('NETWORK')
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.length).toBeLessThan(8)
  })

  it('two equal jobs in one call are refused without naming an existing job', async () => {
    const fields = [{ path: 'jobs[1].parameters', message: 'is there twice' }]
    const error = await failure(client([refused('DUPLICATE_JOB', 409, { fields })]).jobyard.submitMany([job, job]))
    expect(isReason(error, 'DUPLICATE_JOB') && [error.data.existingJobId, error.data.fields]).toEqual([
      undefined,
      fields,
    ])
  })

  it('a submission waits for its answer as long as it was told to', async () => {
    // Both are longer than `setTimeout` can wait.
    for (const callTimeoutMs of [Infinity, 2 ** 40]) {
      const fetch = () => new Promise<Response>((resolve) => setTimeout(() => resolve(ok({ id: 'a' })), 100))
      expect(await client([], { fetch, callTimeoutMs, patienceMs: 0 }).jobyard.submit(job)).toEqual({ id: 'a' })
    }
  })

  it('a submission does not wait for ever for its answer', async () => {
    const { jobyard, seen } = client(['silence', ok({ id: 'a' })], { callTimeoutMs: 50 })
    expect(await jobyard.submit(job)).toEqual({ id: 'a' })
    expect(seen).toHaveLength(2)
  })
})

describe('when the server asks to wait', () => {
  it('a client waits as long as the server’s header or answer says', async () => {
    const waited = async (reply: Response) => {
      const { jobyard, seen } = client([reply, ok({ id: 'a' })])
      const from = performance.now()
      expect(await jobyard.submit(job)).toEqual({ id: 'a' })
      expect(seen).toHaveLength(2)
      return performance.now() - from
    }
    // The header counts, not the body: 900 s would be longer than the client's patience.
    const header = refused('RATE_LIMITED', 429, { retryAfterSeconds: 900 }, { 'retry-after': '0' })
    expect(await waited(header)).toBeLessThan(290)
    const body = await waited(refused('RATE_LIMITED', 429, { retryAfterSeconds: 0.3 }))
    // 0.3 s, and a timer may be a few milliseconds early.
    expect(body).toBeGreaterThanOrEqual(290)
    expect(body).toBeLessThan(900)
  })

  it('a client understands a header that names the time until which it has to wait', async () => {
    const date = new Date(Date.now() + 900_000).toUTCString()
    const { jobyard, seen } = client([refused('RATE_LIMITED', 429, {}, { 'retry-after': date })])
    const error = await failure(jobyard.submit(job))
    const seconds = isReason(error, 'RATE_LIMITED') ? error.data.retryAfterSeconds : 0
    expect(seconds).toBeGreaterThan(890)
    expect(seconds).toBeLessThanOrEqual(900)
    expect(seen).toHaveLength(1)
  })

  it('a client does not wait longer than its patience, and tells how long the wait would have been', async () => {
    const { jobyard, seen } = client([refused('RATE_LIMITED', 429, { retryAfterSeconds: 900 })])
    const error = await failure(jobyard.submit(job))
    expect(isReason(error, 'RATE_LIMITED') && error.data.retryAfterSeconds).toBe(900)
    expect(seen).toHaveLength(1)
  })

  it('a mutation that was refused for a while is sent again, but one whose answer was lost is not', async () => {
    const waiting = client([refused('RATE_LIMITED', 429, { retryAfterSeconds: 0 }), ok({ resumed: true })])
    expect(await waiting.jobyard.api.control.resume.mutate({ scope: 'platform' })).toEqual({ resumed: true })
    const broken = client([cut(), ok({})])
    expect((await failure(broken.jobyard.api.control.resume.mutate({ scope: 'platform' }))).reason).toBe('NETWORK')
    expect(broken.seen).toHaveLength(1)
  })
})

describe('a signal', () => {
  it('a signal ends the call that it was given to, with the reason of the signal', async () => {
    const reason = new Error('the user left')
    for (const call of [
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.submit(job, { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.get('a', { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.waitFor('a', { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.watch({ signal }).next(),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) => jobyard.list({}, { signal }).next(),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) =>
        jobyard.download({ url: '/api/artifacts/a/b' }, { signal }),
      (jobyard: ReturnType<typeof client>['jobyard'], signal: AbortSignal) =>
        jobyard.api.session.me.query(undefined, { signal }),
    ]) {
      const { jobyard, seen } = client(['silence'])
      const stop = new AbortController()
      const calling = call(jobyard, stop.signal)
      setTimeout(() => stop.abort(reason), 20)
      await expect(calling).rejects.toBe(reason)
      expect(seen[0]!.signal.aborted).toBe(true)
      await expect(call(jobyard, stop.signal)).rejects.toBe(reason)
    }
  })
})

describe('the organization of the client', () => {
  it('a client without an organization asks for it once, and fails if the key belongs to several', async () => {
    const one = client([ok({ organizations: [{ id: ORG }] }), ok({ id: 'a' }), ok({ id: 'b' })], {
      organizationId: undefined,
    })
    await one.jobyard.submit(job)
    await one.jobyard.submit(job)
    expect(one.seen.map(({ path }) => path)).toEqual([
      '/api/trpc/session.me',
      '/api/trpc/jobs.submit',
      '/api/trpc/jobs.submit',
    ])
    expect(one.seen[2]!.body.organizationId).toBe(ORG)
    const many = client([ok({ organizations: [{ id: ORG }, { id: 'other' }] })], { organizationId: undefined })
    await expect(many.jobyard.submit(job)).rejects.toThrow(/name the organizationId/)
  })

  it('a call waits for the organization no longer than its own signal allows, and other calls still get it', async () => {
    let answer!: (response: Response) => void
    const me = new Promise<Response>((resolve) => (answer = resolve))
    const fetch = (url: RequestInfo | URL) =>
      String(url).includes('session.me') ? me : Promise.resolve(ok({ id: 'a', jobs: [] }))
    const { jobyard } = client([], { organizationId: undefined, fetch })
    const staying = jobyard.submit(job)
    const reason = new Error('the user left')
    for (const call of [
      (signal: AbortSignal) => jobyard.submit(job, { signal }),
      (signal: AbortSignal) => jobyard.submitMany([job], { signal }),
      (signal: AbortSignal) => jobyard.watch({ signal }).next(),
    ]) {
      const stop = new AbortController()
      const leaving = call(stop.signal)
      stop.abort(reason)
      await expect(leaving).rejects.toBe(reason)
    }
    answer(ok({ organizations: [{ id: ORG }] }))
    expect(await staying).toMatchObject({ id: 'a' })
  })

  it('the organization of the client also applies to lists and counts, unless the filter names another one', async () => {
    const page = () => ok({ items: [], nextCursor: null })
    const { jobyard, seen } = client([page(), page(), ok({ count: 0 }), ok({ count: 0 })])
    await jobyard.list().next()
    await jobyard.list({ organizationId: 'other' }).next()
    await jobyard.count({ organizationId: undefined, search: 'word' })
    await jobyard.count({ organizationId: 'other' })
    expect(seen.map((one) => (inputOf(one) as { organizationId?: string }).organizationId)).toEqual([
      ORG,
      'other',
      ORG,
      'other',
    ])
    const free = client([page()], { organizationId: undefined })
    await free.jobyard.list().next()
    expect(free.seen.map(inputOf)).toEqual([{ limit: 100 }])
  })
})

it('the client reads a list page by page', async () => {
  const { jobyard, seen } = client([
    ok({ items: [{ id: 'c' }, { id: 'b' }], nextCursor: 'x' }),
    ok({ items: [{ id: 'a' }], nextCursor: null }),
  ])
  const ids: string[] = []
  for await (const { id } of jobyard.list({ status: ['PENDING'] }, { pageSize: 2 })) ids.push(id)
  expect(ids).toEqual(['c', 'b', 'a'])
  const filter = { organizationId: ORG, status: ['PENDING'] }
  expect(seen.map(inputOf)).toEqual([
    { ...filter, limit: 2 },
    { ...filter, cursor: 'x', limit: 2 },
  ])
})

describe('a download', () => {
  it('a download is tried again until its headers arrive, and its body may then take any time', async () => {
    const slow = new Response(
      new ReadableStream<Uint8Array>({
        async pull(body) {
          await new Promise((resolve) => setTimeout(resolve, 400))
          body.enqueue(new TextEncoder().encode('late'))
          body.close()
        },
      }),
    )
    const { jobyard, seen } = client([cut(), refused('UNAVAILABLE', 503), 'silence', slow], { callTimeoutMs: 20 })
    const response = await jobyard.download({ url: '/api/artifacts/a/b' })
    expect(await response.text()).toBe('late')
    expect(seen.map(({ path }) => path)).toEqual(Array(4).fill('/api/artifacts/a/b'))
    // The time limit has ended the third try, and not the body of the fourth.
    expect(seen.map(({ signal }) => signal.aborted).slice(2)).toEqual([true, false])
  })

  it('a refused download is not tried again', async () => {
    const { jobyard, seen } = client([refused('NOT_FOUND', 404)])
    expect((await failure(jobyard.download({ url: '/api/artifacts/a/b' }))).reason).toBe('NOT_FOUND')
    expect(seen).toHaveLength(1)
  })

  it('a signal also ends the body of a download', async () => {
    const { jobyard, seen } = client([new Response('x')])
    const stop = new AbortController()
    await jobyard.download({ url: '/api/artifacts/a/b' }, { signal: stop.signal })
    expect(seen[0]!.signal.aborted).toBe(false)
    stop.abort()
    expect(seen[0]!.signal.aborted).toBe(true)
  })
})

describe('the API key', () => {
  it('neither the error of a call nor what can be printed of the client contains the API key', async () => {
    // patienceMs: 0, so that it does not try again.
    const { jobyard } = client([cut()], { patienceMs: 0 })
    const error = await failure(jobyard.submit(job))
    for (const text of [
      inspect(jobyard, { depth: 9, showHidden: true }),
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify([jobyard, error]),
    ]) {
      expect(text).not.toContain(KEY)
    }
  })

  it('the API key is sent only to the server that it belongs to', async () => {
    const { jobyard, seen } = client([])
    await expect(jobyard.download({ url: 'https://evil.example/x' })).rejects.toThrow(
      /may be sent to http:\/\/jobyard\.test only/,
    )
    await expect(jobyard.download({ url: '//evil.example/x' })).rejects.toThrow(
      /may be sent to http:\/\/jobyard\.test only/,
    )
    expect(seen).toHaveLength(0)
  })
})
