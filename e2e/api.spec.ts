import { request, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect, test } from './test'
import { baseUrl, client, foreign, home, uniqueWord, withKey, type Job, type Refusal } from './world'
import { watch } from './watch'

const operator = withKey('OPERATOR')
const admin = withKey('ADMIN')
const viewer = withKey('VIEWER')
const stranger = withKey('ADMIN', foreign)
const noop = (over: object = {}) => ({ jobType: 'sample.noop', parameters: { word: uniqueWord() }, ...over })

test.describe('a sibling service submits work and acts on it', () => {
  test('a service submits sample.work, which runs and returns its data', async () => {
    const data = { word: uniqueWord(), nested: [1, 'zwei', null, { drei: true }] }
    const job = await operator.submit({
      jobType: 'sample.work',
      parameters: { durationMs: 1500, progressSteps: 5, data },
    })
    expect(job).toMatchObject({
      organizationId: home,
      status: 'PENDING',
      progress: 0,
      attempt: 0,
      submittedBy: { type: 'key' },
    })
    await operator.until(job.id, 'RUNNING')
    const done = await operator.until(job.id, 'COMPLETED')
    expect(done).toMatchObject({ progress: 100, result: data, error: null, attempt: 1, failures: 0 })

    const history = await operator.history(job.id)
    expect(history.map(({ fromStatus, toStatus, attempt }) => [fromStatus, toStatus, attempt])).toEqual([
      [null, 'PENDING', 0],
      ['PENDING', 'QUEUED', 0],
      ['QUEUED', 'RUNNING', 1],
      ['RUNNING', 'COMPLETED', 1],
    ])
    expect(history.map(({ actor }) => actor.type)).toEqual(['key', 'system', 'system', 'system'])
    const times = history.map(({ at }) => at)
    expect(times).toEqual([...times].sort())
    for (const at of times) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)

    const attempts = await operator.query<{ items: { attempt: number; outcome: string }[] }>('jobs.attempts', {
      jobId: job.id,
    })
    expect(attempts.data.items).toMatchObject([{ attempt: 1, outcome: 'COMPLETED' }])
    const logs = await operator.query<{ items: { message: string }[] }>('jobs.logs', { jobId: job.id })
    expect(logs.data.items.map(({ message }) => message)).toContain('Done')
  })

  test('a service submits a thousand jobs in one call, and all of them complete', async () => {
    const word = uniqueWord()
    const jobs = Array.from({ length: 1000 }, (_, n) => ({ jobType: 'sample.noop', parameters: { word, n } }))
    const answer = await operator.mutate<{ jobs: Job[] }>('jobs.submitMany', { organizationId: home, jobs })
    expect(answer.error).toBeUndefined()
    expect(answer.data.jobs.map((job) => job.parameters.n)).toEqual(jobs.map((_, n) => n))
    expect(new Set(answer.data.jobs.map(({ id }) => id)).size).toBe(1000)
    await expect
      .poll(
        async () =>
          (
            await viewer.query<{ count: number }>('jobs.count', {
              organizationId: home,
              search: word,
              status: ['COMPLETED'],
            })
          ).data.count,
        { timeout: 30_000 },
      )
      .toBe(1000)

    // A call submits all its jobs or none. One job that does not fit makes the whole call fail.
    const other = uniqueWord()
    const bad = [noop({ parameters: { other } }), { jobType: 'sample.work', parameters: { durationMs: 'long' } }]
    const refused = await operator.mutate('jobs.submitMany', { organizationId: home, jobs: bad })
    expect(refused.error?.data).toMatchObject({ httpStatus: 400, reason: 'INVALID_PARAMETERS' })
    expect(refused.error?.data.fields?.[0]?.path).toBe('jobs[1].parameters.durationMs')
    expect(
      (await viewer.query<{ count: number }>('jobs.count', { organizationId: home, search: other })).data.count,
    ).toBe(0)
    const tooMany = await operator.mutate('jobs.submitMany', { organizationId: home, jobs: [...jobs, noop()] })
    expect(tooMany.error?.data).toMatchObject({ httpStatus: 400, reason: 'INVALID_INPUT' })
  })

  test('the same job submitted twice is refused as a duplicate that names the first', async () => {
    const word = uniqueWord()
    const runAt = '2099-01-01T00:00:00Z'
    const first = await operator.submit(noop({ parameters: { word, a: 1, b: 2 }, runAt }))
    const twice = await operator.trySubmit(noop({ parameters: { b: 2, a: 1, word } }))
    expect(twice.status).toBe(409)
    expect(twice.error?.data).toMatchObject({
      code: 'CONFLICT',
      reason: 'DUPLICATE_JOB',
      existingJobId: first.id,
      existingStatus: 'PENDING',
    })
    // None of these is a duplicate. "1" is not 1, another organization has its own hashes, and `dedupe: false` asks for
    // a second job.
    const others = [
      await operator.submit(noop({ parameters: { word, a: '1', b: 2 }, runAt })),
      await operator.submit(noop({ parameters: { word, a: 1, b: 2 }, runAt, dedupe: false })),
    ]
    const abroad = await stranger.submit(noop({ parameters: { word, a: 1, b: 2 }, runAt }), foreign)
    await stranger.mutate('jobs.cancel', { jobId: abroad.id })
    // A canceled job releases its hash at once.
    for (const { id } of [first, ...others])
      expect((await admin.mutate<Job>('jobs.cancel', { jobId: id })).data.status).toBe('CANCELED')
    const again = await operator.submit(noop({ parameters: { word, a: 1, b: 2 } }))
    const done = await operator.until(again.id, 'COMPLETED')
    // A completed job keeps its hash for a while.
    const late = await operator.trySubmit(noop({ parameters: done.parameters }))
    expect(late.error?.data).toMatchObject({
      reason: 'DUPLICATE_JOB',
      existingJobId: again.id,
      existingStatus: 'COMPLETED',
    })
  })

  test('of fifty identical submissions at the same time, exactly one is accepted', async () => {
    const job = noop()
    const answers = await Promise.all(Array.from({ length: 50 }, () => operator.trySubmit(job)))
    const accepted = answers.filter(({ error }) => !error)
    expect(accepted).toHaveLength(1)
    for (const { error } of answers.filter((answer) => answer.error)) {
      expect(error?.data).toMatchObject({ reason: 'DUPLICATE_JOB', existingJobId: accepted[0]?.data.id })
    }
  })

  test('a second submission with the same idempotency key gets the first job, and is refused if its input differs', async () => {
    const input = noop({ idempotencyKey: uniqueWord() })
    const first = await operator.submit(input)
    expect((await operator.submit(input)).id).toBe(first.id)
    const done = await operator.until(first.id, 'COMPLETED')
    expect((await operator.submit(input)).id).toBe(done.id)
    const other = await operator.trySubmit({ ...input, parameters: { word: uniqueWord() } })
    expect(other.status).toBe(409)
    expect(other.error?.data).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH', existingJobId: first.id })
    // Another organization may use the same idempotency key.
    expect((await stranger.submit(input, foreign)).id).not.toBe(first.id)
  })

  test('canceling a job that has ended, or retrying a completed one, is refused as an illegal transition', async () => {
    const job = await operator.submit(noop())
    await operator.until(job.id, 'COMPLETED')
    expect((await admin.mutate('jobs.cancel', { jobId: job.id })).error?.data).toMatchObject({
      httpStatus: 409,
      reason: 'ILLEGAL_TRANSITION',
      from: 'COMPLETED',
      to: 'CANCELED',
    })
    expect((await admin.mutate('jobs.retry', { jobId: job.id })).error?.data).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      from: 'COMPLETED',
    })
  })
})

test.describe('what does not fit is refused with a reason', () => {
  const refusal = async (
    path: string,
    init: RequestInit,
  ): Promise<{ status: number; text: string; error: Refusal }> => {
    const response = await fetch(`${baseUrl}/api/trpc/${path}`, init)
    const text = await response.text()
    const body = JSON.parse(text) as { error: Refusal }
    return { status: response.status, text, error: body.error }
  }
  const json = { ...operator.headers, 'content-type': 'application/json' }

  test('a job of an unknown type is refused', async () => {
    const answer = await operator.trySubmit({ jobType: 'no.such.type' })
    expect(answer.status).toBe(400)
    expect(answer.error?.data).toMatchObject({ code: 'BAD_REQUEST', reason: 'UNKNOWN_JOB_TYPE' })
    expect(answer.error?.message).toContain('no.such.type')
  })

  test('parameters that do not fit are refused field by field', async () => {
    const answer = await operator.trySubmit({
      jobType: 'sample.work',
      parameters: { durationMs: 'long', mode: 'dance', failAttempts: -1 },
    })
    expect(answer.status).toBe(400)
    expect(answer.error?.data.reason).toBe('INVALID_PARAMETERS')
    expect(answer.error?.data.fields?.map(({ path }) => path).sort()).toEqual([
      'parameters.durationMs',
      'parameters.failAttempts',
      'parameters.mode',
    ])
    for (const { message } of answer.error?.data.fields ?? []) expect(message).toMatch(/\S/)
  })

  test('an input of the wrong shape is refused', async () => {
    const answers = {
      organizationId: await operator.trySubmit({ jobType: 'sample.noop' }, 'not-a-uuid'),
      maxRetries: await operator.trySubmit({ jobType: 'sample.noop', maxRetries: -1 }),
      runAt: await operator.trySubmit({ jobType: 'sample.noop', runAt: 'tomorrow' }),
      colour: await operator.trySubmit({ jobType: 'sample.noop', colour: 'red' }),
      jobId: await operator.query('jobs.get', {}),
      limit: await operator.query('jobs.list', { limit: 101 }),
    }
    for (const [field, { status, error }] of Object.entries(answers)) {
      expect(status, field).toBe(400)
      expect(error?.data.reason, field).toBe('INVALID_INPUT')
      expect(
        error?.data.fields?.map(({ path }) => path),
        field,
      ).toContain(field)
    }
    // PostgreSQL stores neither the character U+0000 nor half of a surrogate pair.
    for (const text of ['a\u0000b', 'a\ud800b']) {
      expect((await operator.trySubmit(noop({ parameters: { text } }))).error?.data.reason).toBe('INVALID_INPUT')
    }
    // Values may be nested 100 levels deep.
    let deep: unknown = 0
    for (let i = 0; i < 150; i++) deep = [deep]
    expect((await operator.trySubmit(noop({ parameters: { deep } }))).error?.data.reason).toBe('INVALID_INPUT')
  })

  test('a request that is no call of this API is refused', async () => {
    const cases: [string, string, RequestInit, number, string][] = [
      ['an unknown procedure', 'jobs.explode', { headers: operator.headers }, 404, 'NOT_FOUND'],
      [
        'an unknown procedure, as a mutation',
        'nothing.atAll',
        { method: 'POST', headers: json, body: '{}' },
        404,
        'NOT_FOUND',
      ],
      ['a mutation by GET', 'jobs.submit', { headers: operator.headers }, 405, 'METHOD_NOT_SUPPORTED'],
      ['a query by POST', 'jobs.list', { method: 'POST', headers: json, body: '{}' }, 405, 'METHOD_NOT_SUPPORTED'],
      ['PUT', 'jobs.submit', { method: 'PUT', headers: json, body: '{}' }, 405, 'METHOD_NOT_SUPPORTED'],
      ['DELETE', 'jobs.submit', { method: 'DELETE', headers: operator.headers }, 405, 'METHOD_NOT_SUPPORTED'],
      [
        'broken JSON',
        'jobs.submit',
        { method: 'POST', headers: json, body: '{"organizationId":' },
        400,
        'INVALID_INPUT',
      ],
      ['no body', 'jobs.submit', { method: 'POST', headers: json }, 400, 'INVALID_INPUT'],
      ['JSON of another shape', 'jobs.submit', { method: 'POST', headers: json, body: '[1]' }, 400, 'INVALID_INPUT'],
      [
        'bytes that are no UTF-8',
        'jobs.submit',
        { method: 'POST', headers: json, body: Buffer.from([0x22, 0xff, 0x22]) },
        400,
        'INVALID_INPUT',
      ],
      ['broken JSON in the address', 'jobs.get?input=%7B', { headers: operator.headers }, 400, 'INVALID_INPUT'],
      [
        'a form',
        'jobs.submit',
        {
          method: 'POST',
          headers: { ...operator.headers, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'a=b',
        },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'two mebibytes',
        'jobs.submit',
        {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ organizationId: home, jobType: 'sample.noop', parameters: 'x'.repeat(2 << 20) }),
        },
        413,
        'TOO_LARGE',
      ],
    ]
    for (const [what, path, init, status, reason] of cases) {
      const answer = await refusal(path, init)
      expect(answer.status, what).toBe(status)
      expect(answer.error.data, what).toMatchObject({ httpStatus: status, reason })
      if (reason === 'INVALID_INPUT') expect(answer.error.data.fields?.length, what).toBeGreaterThan(0)
      // The answer contains no stack trace, no SQL and no path of ours.
      expect(answer.text, what).not.toMatch(/node_modules|\.tsx?\b|\.next\/|select .* from|at \w+ \(/i)
    }
  })

  test('parameters above 256 KiB are refused', async () => {
    const answer = await operator.trySubmit(noop({ parameters: { text: 'x'.repeat(257 * 1024) } }))
    expect(answer.error?.data.reason).toMatch(/^(TOO_LARGE|INVALID_INPUT)$/)
  })

  test('a caller without a key, or with a wrong one, is refused', async () => {
    const input = encodeURIComponent(JSON.stringify({ jobId: crypto.randomUUID() }))
    const nobody: Record<string, string>[] = [
      {},
      { authorization: 'Bearer jy_live_nobody' },
      { authorization: `Basic ${btoa('a:b')}` },
      { cookie: 'next-auth.session-token=forged' },
    ]
    for (const headers of nobody) {
      const answer = await refusal(`jobs.get?input=${input}`, { headers })
      expect(answer.status).toBe(401)
      expect(answer.error.data).toMatchObject({ code: 'UNAUTHORIZED', reason: 'UNAUTHENTICATED' })
    }
  })

  test('a page of another site that uses somebody’s session is refused', async ({ session }) => {
    const { api } = await session('OPERATOR')
    const cookie = api.headers.cookie ?? ''
    const word = uniqueWord()
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of elsewhere) {
      const answer = await client({ cookie, ...headers }).trySubmit(noop({ parameters: { word } }))
      expect(answer.status, JSON.stringify(headers)).toBe(403)
      expect(answer.error?.data.reason).toBe('NOT_PERMITTED')
    }
    const listed = await viewer.query<{ items: Job[] }>('jobs.list', { organizationId: home, search: word })
    expect(listed.data.items).toEqual([])
    // Our own pages may do it. A call with an API key may come from anywhere, because no browser sends a key by itself.
    const own = await api.submit(noop())
    expect(own.submittedBy.type).toBe('user')
    await client({ ...operator.headers, origin: 'https://sibling.example' }).submit(noop())
  })
})

test('a text artifact arrives unchanged, whole or in part, whatever compression the reader accepts', async () => {
  const words = Array.from({ length: 40 }, () => uniqueWord())
  const { data } = await operator.mutate<{ jobs: Job[] }>('jobs.submitMany', {
    organizationId: home,
    jobs: words.map((word) => ({ jobType: 'sample.noop', parameters: { together: words[0], word } })),
  })
  expect(data.jobs).toHaveLength(40)
  const { id } = await operator.submit({ jobType: 'export.jobs', parameters: { search: words[0] } })
  const [artifact] = (await operator.until(id, 'COMPLETED')).artifacts
  // Smaller files would not be compressed in any case.
  expect(artifact!.size).toBeGreaterThan(2_048)
  // `fetch` would unpack the answer and would not say that it was compressed.
  const get = async (headers: Record<string, string>) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(
        new URL(artifact!.url, baseUrl),
        { headers: { ...operator.headers, 'accept-encoding': 'gzip, br', ...headers } },
        resolve,
      )
        .on('error', reject)
        .end()
    })
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) }
  }
  const whole = await get({})
  expect(whole).toMatchObject({
    status: 200,
    headers: { 'content-type': expect.stringContaining('text/csv'), 'content-length': String(artifact!.size) },
  })
  expect(whole.headers['content-encoding']).toBeUndefined()
  expect(whole.body).toHaveLength(artifact!.size)
  const part = await get({ range: 'bytes=10-1999' })
  expect(part).toMatchObject({
    status: 206,
    headers: { 'content-range': `bytes 10-1999/${artifact!.size}`, 'content-length': '1990', etag: whole.headers.etag },
  })
  expect(part.headers['content-encoding']).toBeUndefined()
  expect(part.body.equals(whole.body.subarray(10, 2_000))).toBe(true)
})

test('a job, its history and its files do not exist for another organization', async () => {
  const word = uniqueWord()
  const job = await operator.submit({ jobType: 'export.jobs', parameters: { search: word } })
  const done = await operator.until(job.id, 'COMPLETED')
  const [artifact] = done.artifacts
  if (!artifact) throw new Error('The export left no artifact.')
  const { id: jobId } = job
  const missing = crypto.randomUUID()

  for (const one of [stranger, withKey('VIEWER', foreign)]) {
    const refused = (id: string) => [
      one.query('jobs.get', { jobId: id }),
      one.query('jobs.history', { jobId: id }),
      one.query('jobs.attempts', { jobId: id }),
      one.query('jobs.logs', { jobId: id }),
      one.mutate('jobs.cancel', { jobId: id }),
      one.mutate('jobs.retry', { jobId: id }),
    ]
    const foreignAnswers = await Promise.all(refused(jobId))
    for (const answer of foreignAnswers) {
      expect(answer.status).toBe(404)
      expect(answer.error?.data).toMatchObject({ code: 'NOT_FOUND', reason: 'NOT_FOUND' })
    }
    // The refusal has the same words for a job of another organization and for one that does not exist.
    const blank = (text: string | undefined) => text?.replaceAll(jobId, '…').replaceAll(missing, '…')
    const missingAnswers = await Promise.all(refused(missing))
    expect(foreignAnswers.map(({ error }) => blank(JSON.stringify(error)))).toEqual(
      missingAnswers.map(({ error }) => blank(JSON.stringify(error))),
    )
  }

  // Naming the organization does not help either. A list without an organization has only jobs of the caller's own.
  for (const answer of [
    await stranger.query('jobs.list', { organizationId: home }),
    await stranger.query('jobs.count', { organizationId: home }),
    await stranger.query('metrics.overview', { organizationId: home, range: '24h' }),
    await stranger.query('metrics.timeseries', { organizationId: home, range: '24h' }),
    await stranger.query('jobTypes.list', { organizationId: home }),
    await stranger.trySubmit(noop(), home),
    await stranger.mutate('jobs.submitMany', { organizationId: home, jobs: [noop()] }),
  ]) {
    expect(answer.error?.data).toMatchObject({ httpStatus: 404, reason: 'NOT_FOUND' })
  }
  const own = await stranger.query<{ items: Job[] }>('jobs.list', { limit: 100 })
  expect(new Set(own.data.items.map(({ organizationId }) => organizationId))).toEqual(new Set([foreign]))
  expect((await stranger.query<{ items: Job[] }>('jobs.list', { search: jobId })).data.items).toEqual([])
  expect((await viewer.query<{ items: Job[] }>('jobs.list', { search: jobId })).data.items.map(({ id }) => id)).toEqual(
    [jobId],
  )

  const file = await fetch(new URL(artifact.url, baseUrl), { headers: stranger.headers })
  expect(file.status).toBe(404)
  expect(await file.json()).toMatchObject({ error: { data: { reason: 'NOT_FOUND' } } })
  const stream = await watch(stranger, { organizationId: home, jobId })
  expect(await stream.refusal()).toMatchObject({ data: { reason: 'NOT_FOUND' } })
  stream.close()
  const disguised = await watch(stranger, { organizationId: foreign, jobId })
  expect(await disguised.refusal()).toMatchObject({ data: { reason: 'NOT_FOUND' } })
  disguised.close()
})
