import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { inRoot } from '@/launcher/paths.mjs'
import { freePort } from '@/launcher/ports.mjs'
import { onPath } from '@/testing/programs.mjs'
import { createStage, within } from './stage.fixture'

// A real Prometheus with the rules and the queries of deploy/monitoring, on a real web and worker process.

const TOKEN = 'a-token-of-the-tests-0123456789'
const stage = await createStage()
const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-prometheus-'))
const ended: (() => Promise<unknown>)[] = []
afterAll(async () => {
  await Promise.all(ended.map((end) => end()))
  await stage.close()
  await rm(folder, { recursive: true, force: true })
})

async function startWeb(): Promise<string> {
  const web = spawn(process.execPath, ['--import', 'tsx', 'testing/web-process.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: stage.database.url,
      NEXTAUTH_SECRET: 'a-secret-for-tests-of-the-api-0123456789',
      NEXTAUTH_URL: 'http://localhost:3000',
      LOG_LEVEL: 'fatal',
      METRICS_TOKEN: TOKEN,
    },
  })
  ended.push(() => stage.kill(web))
  const [line] = (await once(web.stdout!, 'data')) as [Buffer]
  return line.toString().trim()
}

/** Starts Prometheus with our example of a configuration, on other addresses and with shorter times. */
async function startPrometheus(program: string, web: string[], worker: string): Promise<string> {
  const read = (file: string) => readFile(inRoot('deploy/monitoring', file), 'utf8')
  const config = (await read('prometheus.yml'))
    .replace(/(?<=_interval: )15s/g, '1s')
    .replace(/\['web-1[^\]]*\]/, JSON.stringify(web))
    .replace(/\['worker-1[^\]]*\]/, JSON.stringify([worker]))
  await writeFile(path.join(folder, 'prometheus.yml'), config)
  await writeFile(path.join(folder, 'metrics-token'), TOKEN)
  const rules = (await read('jobyard.rules.yml')).replace(/(?<=for: )\d+m/g, '2s')
  await writeFile(path.join(folder, 'jobyard.rules.yml'), rules)
  const port = await freePort()
  const prometheus = spawn(
    program,
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  ended.push(() => stage.kill(prometheus))
  return `http://127.0.0.1:${port}`
}

test('Prometheus loads the rules, an alert fires without a worker and recovers with one, and each query of the dashboard answers', async () => {
  const program = onPath('prometheus')
  if (!program)
    throw new Error(
      'There is no program prometheus on PATH. On Debian: apt-get install --no-install-recommends prometheus',
    )
  const webs = [await startWeb(), await startWeb()]
  const healthPort = await freePort()
  const url = await startPrometheus(
    program,
    webs.map((web) => new URL(web).host),
    `127.0.0.1:${healthPort}`,
  )
  const ask = async <Data>(question: string) => {
    const answer = await fetch(`${url}/api/v1/${question}`)
    return ((await answer.json()) as { status: string; data: Data; error?: string }) ?? {}
  }
  const query = (text: string) =>
    ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(text)}`,
    )
  const firing = async () =>
    (await ask<{ alerts: { labels: { alertname: string }; state: string }[] }>('alerts')).data.alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels.alertname)

  const waiting = await stage.work({ durationMs: 10 })
  await vi.waitFor(async () => expect(await firing()).toContain('JobyardNoWorker'), within(60))
  const rules = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')
  const loaded = rules.data.groups.flatMap((group) => group.rules)
  expect(loaded.length).toBeGreaterThan(10)
  expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([])

  stage.start(undefined, { HEALTH_PORT: String(healthPort), METRICS_TOKEN: TOKEN })
  await stage.reached(waiting.id, 'COMPLETED')
  await vi.waitFor(async () => expect(await firing()).not.toContain('JobyardNoWorker'), within(60))

  // So that every figure has something to show: jobs that fail, and a call that is refused.
  await Promise.all(['complete', 'transient', 'permanent'].map((mode) => stage.work({ mode })))
  const dashboard = JSON.parse(await readFile(inRoot('deploy/monitoring/grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
  expect(queries.length).toBeGreaterThan(30)
  await vi.waitFor(
    async () => {
      for (const web of webs) await fetch(`${web}/api/trpc/jobs.get?input=%7B%7D`)
      const silent: string[] = []
      for (const { title, expr } of queries) {
        const { status, data, error } = await query(expr.replaceAll('$__rate_interval', '15s'))
        if (status !== 'success') silent.push(`${title}: ${error}`)
        else if (data.result.length === 0) silent.push(`${title}: ${expr} answers nothing`)
      }
      expect(silent).toEqual([])
    },
    { timeout: 60_000, interval: 1_000 },
  )
  // Two web processes say the same, and nothing is counted twice. Figures are read anew after five seconds.
  const completed = await stage.db.job.count({ where: { status: 'COMPLETED' } })
  await vi.waitFor(async () => {
    const figures = (await query('jobyard_jobs{status="COMPLETED"}')).data.result
    expect(figures.map(({ value }) => Number(value[1]))).toEqual([completed, completed])
    expect((await query('max(jobyard_jobs{status="COMPLETED"})')).data.result[0]!.value[1]).toBe(String(completed))
  }, within(30))
}, 300_000)
