import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { freePort } from '@/launcher/ports.mjs'
import { METRICS } from '@/server/telemetry/metrics/table'
import { createStage, within } from './stage.fixture'

// A real worker process, asked as a probe and Prometheus ask it.

const TOKEN = 'a-token-of-the-tests-0123456789'
const stage = await createStage()
afterEach(() => stage.clear())
afterAll(() => stage.close())

test('a worker answers probes and Prometheus on its own port, and says so when it drains', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const worker = stage.start(undefined, { HEALTH_PORT: String(port), METRICS_TOKEN: TOKEN })
  await vi.waitFor(async () => expect((await fetch(`${url}/ready`)).status).toBe(200), within(40))
  expect(await (await fetch(`${url}/live`)).json()).toEqual({ status: 'ok' })
  await vi.waitFor(
    async () =>
      expect(await (await fetch(`${url}/api/health/ready`)).json()).toMatchObject({
        status: 'ok',
        database: true,
        migrations: 'current',
        store: true,
        workers: { default: 1 },
        worker: 'running',
      }),
    within(20),
  )
  expect((await fetch(`${url}/metrics`)).status).toBe(401)
  expect((await fetch(`${url}/live`, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404)

  const done = await stage.work({ durationMs: 20 })
  const dead = await stage.work({ mode: 'permanent' })
  const flaky = await stage.work({ failAttempts: 1 })
  await Promise.all([
    stage.reached(done.id, 'COMPLETED'),
    stage.reached(dead.id, 'DEAD_LETTER'),
    stage.reached(flaky.id, 'FAILED'),
  ])
  const scrape = async () => (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text()
  const text = await vi.waitFor(async () => {
    const now = await scrape()
    for (const outcome of ['completed', 'dead', 'retried'])
      expect(now).toContain(`jobyard_attempts_total{job_type="sample.work",outcome="${outcome}"} 1`)
    expect(now).toContain('jobyard_leader 1')
    return now
  }, within(20))
  for (const [name, { of }] of Object.entries(METRICS)) {
    if (of === 'worker' || of === 'process') expect(text).toContain(`# TYPE ${name} `)
    if (of === 'installation' || of === 'web') expect(text).not.toContain(`# TYPE ${name} `)
  }
  for (const line of [
    'jobyard_wait_seconds_count{job_type="sample.work"} 3',
    'jobyard_run_seconds_count{job_type="sample.work"} 3',
    'jobyard_dispatch_lag_seconds_count 3',
    'jobyard_worker_slots{queue="ISOLATED"} 2',
    'jobyard_worker_running_jobs{queue="ISOLATED"} 0',
    'jobyard_database_up 1',
    'jobyard_job_transitions_total{to="COMPLETED"} 1',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(text).toContain(line)

  const long = await stage.work({ durationMs: 60_000, progressSteps: 60 })
  await stage.reached(long.id, 'RUNNING')
  worker.kill('SIGTERM')
  await vi.waitFor(async () => {
    const answer = await fetch(`${url}/ready`)
    expect([answer.status, ((await answer.json()) as { worker: string }).worker]).toEqual([503, 'draining'])
  }, within(10))
})
