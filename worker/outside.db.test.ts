import { once } from 'node:events'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  beat,
  cancelJob,
  completeAttempt,
  drainWorker,
  listWorkers,
  registerWorker,
  retireWorker,
  stuckJobs,
  submitJob,
  type SubmitInput,
} from '@/server/engine'
import { refusal, running, tester } from '@/testing/engine'
import { createOutside, type Outside } from './outside.fixture'
import { createStage, within, type Stage } from './stage.fixture'
import { SignalListener } from './signals'

// Jobs that services outside carry out, workers that are asked to drain, and jobs that look stuck: with real worker
// processes, the API on a real port, and the service of docs/http-request.md as a process.

let stage: Stage
let outside: Outside
beforeAll(async () => {
  stage = await createStage()
  outside = await createOutside(stage.database.url, stage.folder)
})
afterEach(() => stage.clear())
afterAll(async () => {
  await outside?.close()
  await stage?.close()
})

const submit = (job: SubmitInput) =>
  submitJob(stage.db, { organizationId: stage.world.organizationId, job, actor: tester })
const call = (url: string, parameters: object = {}, rest: Partial<SubmitInput> = {}) =>
  submit({ jobType: 'http.request', parameters: { url, ...parameters }, dedupe: false, ...rest })
/** A job that the service prints, page by page. */
const print = (body: object, rest: Partial<SubmitInput> = {}) =>
  call(outside.serviceUrl, { body, mode: 'report' }, rest)
const statuses = async (id: string) =>
  (await stage.db.executionLog.findMany({ where: { jobId: id }, orderBy: { id: 'asc' } })).map(
    ({ toStatus }) => toStatus,
  )
/** Waits until the service has said how far it is. */
const working = (id: string) =>
  vi.waitFor(
    async () =>
      expect(await stage.job(id)).toMatchObject({ progressMessage: expect.stringMatching(/^Page \d+ of /) as string }),
    within(30),
  )

const redis = process.env.TEST_REDIS_URL

test.each([
  ['postgresql', undefined],
  ['redis', redis],
])(
  'a service answers, or accepts the work and reports; each slot is free again for what waits behind (BullMQ on %s)',
  async (_, redisUrl) => {
    // With one inline slot, each later job runs only once the slot is free again.
    stage.start(redisUrl, { ...outside.workerEnv, INLINE_SLOTS: '1' })
    const canceled = await print({ pages: 90, secondsEach: 0.2 })
    await working(canceled.id)
    const printed = await print({ pages: 2, secondsEach: 0.1 })
    const refused = await print({ pages: 101 })
    const answered = await call(`${outside.echoUrl}/a?b=1`, { method: 'GET' })
    const forbidden = await call('http://127.0.0.2:1/')

    await cancelJob(stage.db, { jobId: canceled.id, actor: tester })
    await stage.reached(canceled.id, 'CANCELED', 10)
    await vi.waitFor(
      () => expect(outside.printed.some((line) => line.startsWith(`stopped ${canceled.id}`))).toBe(true),
      within(20),
    )
    await Promise.all([
      stage.reached(printed.id, 'COMPLETED'),
      stage.reached(refused.id, 'DEAD_LETTER'),
      stage.reached(answered.id, 'COMPLETED'),
      stage.reached(forbidden.id, 'DEAD_LETTER'),
    ])
    expect(await stage.job(printed.id)).toMatchObject({ result: { pages: 2 }, progress: 100, attempt: 1, failures: 0 })
    expect(await statuses(printed.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect(await statuses(canceled.id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'CANCELED'])
    expect((await stage.job(refused.id)).error).toMatchObject({ message: '101 pages are too many', class: 'PERMANENT' })
    expect((await stage.job(answered.id)).result).toMatchObject({ status: 200, body: { path: '/a?b=1' } })
    expect((await stage.job(forbidden.id)).error?.message).toMatch(/HTTP_REQUEST_ALLOW/)
  },
)

test('a report on the attempt of a worker that was killed is kept', async () => {
  const worker = stage.start(redis, outside.workerEnv)
  const { id } = await print({ pages: 3, secondsEach: 0.5 })
  await working(id)
  await stage.kill(worker)
  // Within its lease of 15 s, so that nobody has brought the job back.
  await stage.reached(id, 'COMPLETED', 14)
  expect(await stage.job(id)).toMatchObject({ attempt: 1, result: { pages: 3 } })
})

test('a worker that is asked to drain hands back a long job and ends, and another worker finishes the job', async () => {
  const worker = stage.start(undefined, { DRAIN_SECONDS: '4' })
  const short = await stage.work({ durationMs: 500 })
  const long = await stage.work({ durationMs: 9_000 })
  await Promise.all([stage.reached(short.id, 'RUNNING'), stage.reached(long.id, 'RUNNING')])
  const [busy] = (await listWorkers(stage.db, { limit: 1, machines: true }, { all: true })).items
  expect(busy).toMatchObject({
    state: 'ALIVE',
    pid: worker.pid,
    version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    slots: { isolated: 2, inline: 100 },
  })
  expect(busy!.running.map(({ jobId }) => jobId)).toContain(long.id)
  const gone = once(worker, 'exit')
  const asked = await drainWorker(stage.db, { workerId: busy!.id, reason: 'new kernel', actor: tester, address: null })
  expect(asked).toMatchObject({ state: 'DRAINING', drainReason: 'new kernel', drainedBy: tester })
  expect(asked.drainsUntil!.getTime() - asked.drainingAt!.getTime()).toBe(4_000)
  expect(await gone).toEqual([0, null])
  expect((await stage.job(short.id)).status).toBe('COMPLETED')
  expect(await stage.job(long.id)).toMatchObject({ status: 'PENDING', failures: 0, attempt: 1 })
  stage.start(undefined)
  await stage.reached(long.id, 'COMPLETED')
  expect(
    (await stage.db.jobAttempt.findMany({ where: { jobId: long.id }, orderBy: { attempt: 'asc' } })).map(
      ({ outcome }) => outcome,
    ),
  ).toEqual(['HANDED_BACK', 'COMPLETED'])
  const ended = (await listWorkers(stage.db, { limit: 10, machines: true }, { all: true })).items.find(
    ({ id }) => id === busy!.id,
  )
  expect(ended).toMatchObject({ state: 'STOPPED', counts: { isolated: 0, inline: 0 }, running: [] })
})

test('workers are told of an end that a service wrote, and of a drain, by a signal', async () => {
  const received: unknown[] = []
  const listener = new SignalListener({
    databaseUrl: stage.database.url,
    logger: outside.services.logger,
    onWake: () => undefined,
    onCancel: () => undefined,
    onEndedOutside: (...ended) => received.push(ended),
    onDrain: (workerId) => received.push(workerId),
    onReconnect: () => received.push('listening'),
  })
  listener.start()
  await vi.waitFor(() => expect(received).toEqual(['listening']), within(10))
  const claimed = await running({ ...stage.world, db: stage.db })
  await completeAttempt(stage.db, { jobId: claimed.jobId, attempt: claimed.attempt })
  const idle = { id: uuidv7(), host: 'test', pid: 1, isolatedSlots: 1, inlineSlots: 1 }
  await registerWorker(stage.db, idle)
  for (let asked = 0; asked < 2; asked++)
    await drainWorker(stage.db, { workerId: idle.id, actor: tester, address: '203.0.113.9' })
  await vi.waitFor(() => expect(received.slice(1)).toEqual([[claimed.jobId, claimed.attempt], idle.id]), within(10))
  await listener.stop()
  // A worker that missed the signal learns of the drain at its next heartbeat. The second call wrote no second audit
  // entry.
  expect(await beat(stage.db, idle.id, false)).toEqual({ drain: true })
  const events = await stage.db.auditEvent.findMany({ where: { targetId: idle.id } })
  expect(events).toMatchObject([
    {
      action: 'worker.drain',
      address: '203.0.113.9',
      organizationId: null,
      after: { draining: true, host: 'test', pid: 1 },
    },
  ])
  await retireWorker(stage.db, idle.id)
  expect(await refusal(drainWorker(stage.db, { workerId: idle.id, actor: tester, address: null }))).toMatchObject({
    reason: 'NOT_FOUND',
  })
})

test('a job that hangs in a real worker looks stuck, a slow one that reports does not, and canceling frees the slot', async () => {
  stage.start(undefined, { ISOLATED_SLOTS: '4' })
  const hanging = await stage.work({ mode: 'hang' })
  const slow = await stage.work({ durationMs: 120_000, progressSteps: 1_200 })
  await stage.hasLogged(hanging.id, 'Hanging, ignoring every signal')
  await vi.waitFor(async () => expect((await stage.job(slow.id)).progress).toBeGreaterThan(0), within(40))
  // The clocks of both jobs are set back by three minutes. Reports and log lines from now on keep their real time.
  await stage.db
    .$executeRaw`UPDATE jobs SET started_at = started_at - interval '3 minutes', progress_at = progress_at - interval '3 minutes' WHERE status = 'RUNNING'`
  await stage.db.$executeRaw`UPDATE job_logs SET at = at - interval '3 minutes'`
  await vi.waitFor(
    async () =>
      expect((await stuckJobs(stage.db, { limit: 5 }, { all: true })).items).toMatchObject([
        {
          jobId: hanging.id,
          stuck: { reason: 'SILENT' },
          lastLog: { level: 'WARN', message: 'Hanging, ignoring every signal' },
        },
      ]),
    within(10),
  )
  const [worker] = (await listWorkers(stage.db, { limit: 1, machines: true }, { all: true })).items
  expect(worker!.running.map(({ jobId, stuck }) => [jobId, stuck !== null]).sort()).toEqual(
    [
      [hanging.id, true],
      [slow.id, false],
    ].sort(),
  )
  await vi.waitFor(
    async () =>
      expect(
        (await listWorkers(stage.db, { limit: 1, machines: true }, { all: true })).items[0]!.memory!.rssBytes,
      ).toBeGreaterThan(10_000_000),
    within(15),
  )
  await cancelJob(stage.db, { jobId: hanging.id, actor: tester })
  await stage.reached(hanging.id, 'CANCELED', 15)
  expect((await stuckJobs(stage.db, { limit: 5 }, { all: true })).items).toEqual([])
  await cancelJob(stage.db, { jobId: slow.id, actor: tester })
  await stage.reached(slow.id, 'CANCELED', 15)
})
