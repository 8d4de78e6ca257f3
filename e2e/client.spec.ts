import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { createJobyardClient, isReason, type JobyardClient } from '../client/index'
import { startProxy } from './cutting-proxy'
import { expect, test } from './test'
import { baseUrl, home, key, uniqueWord, withKey, type HistoryItem, type Status } from './world'

const LATER = '2099-01-01T00:00:00Z'

type Proxy = Awaited<ReturnType<typeof startProxy>>
let proxy: Proxy
let jobyard: JobyardClient
let admin: JobyardClient
test.beforeAll(async () => {
  proxy = await startProxy([baseUrl])
  jobyard = createJobyardClient({ url: proxy.url, apiKey: key('OPERATOR') })
  admin = createJobyardClient({ url: proxy.url, apiKey: key('ADMIN') })
})
test.beforeEach(() => proxy.decide(() => 'pass'))
test.afterAll(() => proxy?.stop())

/** Carries out the next `times` calls of this procedure, but loses their answers. */
function loseAnswers(procedure: string, times: number): () => number {
  let lost = 0
  proxy.decide((path) => (path.startsWith(`/api/trpc/${procedure}`) && lost < times ? (lost++, 'after') : 'pass'))
  return () => lost
}
const countOf = async (word: string) => (await jobyard.count({ organizationId: home, search: word })).count

test('a submission, a cancel or a retry of the client whose answer is lost is done once', async () => {
  const word = uniqueWord()
  const lost = loseAnswers('jobs.submit', 2)
  const job = await jobyard.submit({ jobType: 'sample.noop', parameters: { word }, runAt: LATER })
  expect([lost(), await countOf(word)]).toEqual([2, 1])
  const many = uniqueWord()
  const lostMany = loseAnswers('jobs.submitMany', 1)
  const jobs = await jobyard.submitMany(
    Array.from({ length: 20 }, (_, n) => ({ jobType: 'sample.noop', parameters: { many, n }, runAt: LATER })),
  )
  expect(jobs.map(({ parameters }) => (parameters as { n: number }).n)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect([lostMany(), await countOf(many)]).toEqual([1, 20])
  // The second submission would be another job, so it is refused and names the first one.
  const twice: unknown = await jobyard
    .submit({ jobType: 'sample.noop', parameters: { word } })
    .catch((error: unknown) => error)
  expect(isReason(twice, 'DUPLICATE_JOB') && twice.data).toMatchObject({
    existingJobId: job.id,
    existingStatus: 'PENDING',
  })

  const listed: string[] = []
  for await (const { id } of jobyard.list({ organizationId: home, search: many }, { pageSize: 7 })) listed.push(id)
  expect(listed.sort()).toEqual(jobs.map(({ id }) => id).sort())
  for (const procedure of ['jobs.cancel', 'jobs.retry', 'jobs.cancel']) {
    const lostOne = loseAnswers(procedure, 1)
    const done =
      procedure === 'jobs.cancel' ? await admin.cancel(job.id, { reason: 'enough' }) : await admin.retry(job.id)
    expect([lostOne(), done.status]).toEqual([1, procedure === 'jobs.cancel' ? 'CANCELED' : 'PENDING'])
  }
  const { items } = await jobyard.api.jobs.history.query({ jobId: job.id })
  expect(items.map(({ toStatus }) => toStatus)).toEqual(['PENDING', 'CANCELED', 'PENDING', 'CANCELED'])
  for (const { id } of jobs) await jobyard.cancel(id)
})

test('a retry of the client whose answer is lost is done once, however fast the job ends', async () => {
  for (const [parameters, end] of [
    [{ failAttempts: 1 }, 'COMPLETED'],
    [{ mode: 'permanent' }, 'DEAD_LETTER'],
  ] as const) {
    const { id } = await jobyard.submit({
      jobType: 'sample.work',
      parameters: { ...parameters, data: uniqueWord() },
      maxRetries: 0,
    })
    expect((await jobyard.waitFor(id)).status).toBe('DEAD_LETTER')
    // The client cannot look before the job has ended a second time.
    let ended = false
    let tries = 0
    proxy.decide((path) => {
      if (path.startsWith('/api/trpc/jobs.retry')) return tries++ === 0 ? 'after' : 'pass'
      return !ended && path.startsWith('/api/trpc/jobs.history') ? 'refuse' : 'pass'
    })
    const retrying: Promise<unknown> = admin.retry(id).catch((error: unknown) => error)
    const history = async () =>
      (await withKey('ADMIN').query<{ items: HistoryItem[] }>('jobs.history', { jobId: id })).data.items
    await expect
      .poll(async () => (await history()).filter(({ fromStatus }) => fromStatus === 'RUNNING').length, {
        timeout: 25_000,
      })
      .toBe(2)
    ended = true
    const result = await retrying
    if (end === 'COMPLETED') expect(result).toMatchObject({ id, status: end })
    // DEAD_LETTER could also be the end of an earlier retry. Nobody can tell, so the client does not retry again.
    else expect(isReason(result, 'NETWORK')).toBe(true)
    expect([tries, (await history()).filter(({ fromStatus }) => fromStatus === 'DEAD_LETTER').length]).toEqual([1, 1])
    proxy.decide(() => 'pass')
  }
})

test('the client waits for a job by its events, and by asking again where no events arrive', async () => {
  const work = (durationMs: number) =>
    jobyard.submit({ jobType: 'sample.work', parameters: { durationMs, progressSteps: 3, data: uniqueWord() } })
  const watched: (Status | null)[] = []
  const progress: (number | null)[] = []
  const job = await jobyard.waitFor((await work(1_500)).id, {
    onEvent: ({ type, ...event }) =>
      void (type === 'progress' ? progress.push(event.progress) : watched.push(event.toStatus)),
  })
  expect(job).toMatchObject({ status: 'COMPLETED', progress: 100 })
  expect(watched.at(-1)).toBe('COMPLETED')
  expect(progress.length).toBeGreaterThan(0)

  proxy.decide((path) => (path.startsWith('/api/trpc/jobs.watch') ? 'refuse' : 'pass'))
  const asked: unknown[] = []
  expect((await jobyard.waitFor((await work(500)).id, { onEvent: (event) => asked.push(event) })).status).toBe(
    'COMPLETED',
  )
  expect(asked).toEqual([])

  proxy.decide(() => 'pass')
  const waiting = await jobyard.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() }, runAt: LATER })
  expect(
    isReason(await jobyard.waitFor(waiting.id, { timeoutMs: 300 }).catch((error: unknown) => error), 'WAIT_TIMEOUT'),
  ).toBe(true)
  const left = new Error('left')
  const stop = new AbortController()
  const waits = jobyard.waitFor(waiting.id, { signal: stop.signal }).catch((error: unknown) => error)
  stop.abort(left)
  expect(await waits).toBe(left)
  await jobyard.cancel(waiting.id)
  expect(isReason(await jobyard.waitFor(crypto.randomUUID()).catch((error: unknown) => error), 'NOT_FOUND')).toBe(true)
})

test('the client works in a browser as in Node.js', async ({ browser }) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../client/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  })
  // The page's own policy would refuse a foreign module. That is not tested here, so the policy is off.
  const context = await browser.newContext({ baseURL: baseUrl, bypassCSP: true })
  const page = await context.newPage()
  await page.route('**/jobyard-client.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]?.text }),
  )
  await page.goto('/sign-in')
  const seen = await page.evaluate(
    async ({ apiKey, word }) => {
      const address = '/jobyard-client.js'
      const { createJobyardClient: create } = (await import(address)) as typeof import('../client/index')
      const client = create({ url: location.origin, apiKey })
      const stop = new AbortController()
      const seen: { jobId: string | null; toStatus: string | null }[] = []
      const told = (jobId: string) =>
        seen.filter((event) => event.jobId === jobId).flatMap(({ toStatus }) => toStatus ?? [])
      let start!: () => void
      const started = new Promise<void>((resolve) => (start = resolve))
      const watching = (async () => {
        for await (const event of client.watch({ onStart: start, signal: stop.signal })) seen.push(event)
      })().catch(() => undefined)
      await started
      const { id } = await client.submit({ jobType: 'sample.noop', parameters: { word } })
      const { status } = await client.waitFor(id)
      while (!told(id).includes('COMPLETED')) await new Promise((resolve) => setTimeout(resolve, 50))
      stop.abort()
      await watching
      return { statuses: told(id), status }
    },
    { apiKey: key('OPERATOR'), word: uniqueWord() },
  )
  expect(seen).toEqual({ statuses: ['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'], status: 'COMPLETED' })
  await context.close()
})

test('a file that the client uploads is there once and whole, though answers are lost and connections break', async () => {
  // The client sends pieces of 4 MiB, so this file has three. No two of them are alike.
  const bytes = new Uint8Array(9_000_000).map((_, n) => (n * 31) % 251)
  let broken = 0
  proxy.decide((path) => {
    // One request does not arrive. The next one arrives, and its answer is lost. Then both happen once more.
    if (!path.startsWith('/api/uploads') || broken >= 4) return 'pass'
    return broken++ % 2 === 0 ? 'refuse' : 'after'
  })
  const progress: number[] = []
  const file = new File([bytes], 'numbers.bin')
  const { uploadId, size } = await jobyard.upload(file, { onProgress: (sent) => progress.push(sent) })
  expect([size, broken, progress.at(-1)]).toEqual([bytes.length, 4, bytes.length])
  expect(progress).toEqual([...progress].sort((a, b) => a - b))
  const kept = await fetch(`${baseUrl}/api/uploads/${uploadId}`, {
    headers: { authorization: `Bearer ${key('OPERATOR')}` },
  })
  expect(await kept.json()).toMatchObject({ name: 'numbers.bin', size: bytes.length, complete: true })

  const tooLarge = { size: 3 * 1024 ** 3, type: '', slice: () => new Blob() } as unknown as Blob
  const refused: unknown = await jobyard.upload(tooLarge).catch((error: unknown) => error)
  expect(isReason(refused, 'TOO_LARGE')).toBe(true)
})
