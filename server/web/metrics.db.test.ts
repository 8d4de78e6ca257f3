import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { installationFigures, submitJobs, type InstallationFigures } from '@/server/engine'
import { getEnv } from '@/server/env'
import { METRICS } from '@/server/telemetry/metrics/table'
import { openApi } from '@/testing/api'
import { tester } from '@/testing/engine'
import { followRequest } from './answer-log'
import { createDirectListener } from './direct-api'

// What Prometheus gets from a web process, over real HTTP and on a real database. The last test reads the figures
// without HTTP.

const TOKEN = 'a-token-of-the-tests-0123456789'
const { services, world, close } = await openApi()
// `getServices` finds them there.
;(globalThis as { jobyardServices?: unknown }).jobyardServices = services
// The environment is read once, and another file of this process may have done it.
Object.assign(getEnv(), { METRICS_TOKEN: TOKEN })
const direct = createDirectListener()
const server = createServer((request, response) => {
  followRequest(request, response, services.logger)
  direct(request, response)
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(async () => {
  Object.assign(getEnv(), { METRICS_TOKEN: undefined })
  server.closeAllConnections()
  server.close()
  await close()
})

const scrape = (headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
  fetch(`${url}/api/metrics`, { headers })

test('a caller with the token gets the metrics, others get 401, and where no token is set there are no metrics', async () => {
  expect((await scrape({})).status).toBe(401)
  expect((await scrape({ authorization: `Bearer ${TOKEN}x` })).status).toBe(401)
  expect((await scrape({ authorization: `Bearer ${world.keys.root}` })).status).toBe(401)
  Object.assign(getEnv(), { METRICS_TOKEN: undefined })
  expect((await scrape()).status).toBe(404)
  Object.assign(getEnv(), { METRICS_TOKEN: TOKEN })
  const answer = await scrape()
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
})

test('a web process shows every metric of the installation and every metric that only web processes have, with the figures of the database and its own counts', async () => {
  const { db } = services
  await submitJobs(db, {
    organizationId: world.acme,
    jobs: Array.from({ length: 7 }, () => ({ jobType: 'test.noop', dedupe: false })),
    actor: tester,
  })
  await fetch(`${url}/api/trpc/jobs.get?input=${encodeURIComponent(JSON.stringify({ jobId: uuidv7() }))}`, {
    headers: { authorization: `Bearer ${world.keys['acme.ADMIN']}` },
  })
  const shown = async () => (await scrape()).text()
  // A reading of the figures serves for five seconds or longer (InstallationMetrics).
  await expect.poll(shown, { timeout: 15_000 }).toContain('jobyard_jobs{status="PENDING"} 7')
  const text = await shown()
  for (const [name, { of }] of Object.entries(METRICS))
    if (of === 'web' || of === 'installation') expect(text).toContain(`# TYPE ${name} `)
  for (const line of [
    'jobyard_type_jobs{job_type="test.noop",pool="default",state="waiting"} 7',
    'jobyard_organization_jobs{organization="acme",state="unfinished"} 7',
    'jobyard_organization_jobs{organization="other",state="unfinished"} 0',
    'jobyard_pool_workers{pool="default"} 0',
    'jobyard_pool_waiting_jobs{pool="default"} 7',
    'jobyard_pool_workers_needed{pool="default"} 1',
    // Counted since the process began, which may have run other test files. None of them counts such an answer.
    'jobyard_http_requests_total{route="jobs.get",status="404"} 1',
    'jobyard_refusals_total{reason="NOT_FOUND"}',
  ])
    expect(text).toContain(line)
  expect(text).toMatch(/jobyard_pool_oldest_waiting_seconds\{pool="default"\} \d/)
})

test('organizations beyond the twenty largest are added up, so that their number makes no more series', async () => {
  const { db } = services
  for (let n = 0; n < 25; n++) {
    const id = uuidv7()
    await db.organization.create({ data: { id, name: `Many ${n}`, slug: `many-${n}` } })
    await submitJobs(db, { organizationId: id, jobs: [{ jobType: 'test.noop', dedupe: false }], actor: tester })
  }
  const figures: InstallationFigures = await installationFigures(db)
  // 25 new ones with one job each, and acme with the 7 of the test before: 20 are named, and 6 are in "other".
  expect(figures.organizations).toHaveLength(21)
  expect(figures.organizations[0]).toMatchObject({ organization: 'acme', unfinished: 7 })
  expect(figures.organizations.at(-1)).toMatchObject({ organization: 'other', unfinished: 6 })
  expect(figures.jobs.PENDING).toBe(32)
})
