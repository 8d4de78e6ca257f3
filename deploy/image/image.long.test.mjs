import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../launcher/ports.mjs'
import { unprivilegedUser } from '../../launcher/postgres-home.mjs'
import { run, until } from '../../launcher/processes.mjs'
import { startDebianPostgres } from '../../testing/postgres.mjs'
import { startRedis } from '../../testing/redis.mjs'

// Each command of deploy/Dockerfile, run as a user who is not root, in a folder that holds exactly what an image holds.

const folder = process.env.TEST_FOLDER ?? ''
const image = path.join(folder, 'image')
const data = path.join(folder, 'image-data')
const user = unprivilegedUser()
/** @type {(() => Promise<unknown>)[]} */
const endings = []
/** @type {NodeJS.ProcessEnv} */
let env

beforeAll(async () => {
  const make = path.join(process.env.TEST_CLONE ?? '', 'deploy/image/make.mjs')
  const { code, output } = await run(process.execPath, [make, image], {})
  expect(code, output).toBe(0)
  const postgres = await startDebianPostgres(
    path.join(folder, 'image-postgres'),
    (supervisor) => void endings.push(() => supervisor.stop()),
  )
  const redis = await startRedis({ folder: path.join(folder, 'image-redis') })
  endings.push(() => redis.stop())
  mkdirSync(data)
  chmodSync(data, 0o700)
  if (user) chownSync(data, user.uid, user.gid)
  const port = await freePort()
  env = {
    PATH: process.env.PATH,
    HOME: data,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    STORAGE_DIR: path.join(data, 'storage'),
    JOBYARD_STATE_DIR: path.join(data, 'state'),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    NEXTAUTH_URL: `http://127.0.0.1:${port}`,
    NEXTAUTH_SECRET: randomBytes(32).toString('base64'),
    HTTP_REQUEST_SECRET: randomBytes(32).toString('base64'),
  }
})
afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

/** @param {string[]} args */
const command = async (...args) => {
  const { code, output } = await run(process.execPath, args, { cwd: image, env, ...user })
  expect(code, output).toBe(0)
  return output
}

/** @param {string} script */
function start(script) {
  const child = spawn(process.execPath, [script, '--wait'], {
    cwd: image,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...user,
  })
  endings.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return async () => {
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    return code
  }
}

test('migrate, admin, web and worker of an image carry out a report, show the dashboard and stop in order', async () => {
  expect(await command('scripts/migrate.mjs', '--seed', '--wait')).toContain('Applied')
  expect(await command('scripts/migrate.mjs', '--seed')).toContain('Nothing to apply')
  const key = /jy_live_\w+/.exec(await command('scripts/admin.mjs', 'root@example.com', '--key'))?.[0]
  expect(await command('scripts/doctor.mjs')).not.toContain('✗')
  const stops = [start('scripts/web.mjs'), start('scripts/worker.mjs')]
  const url = env.NEXTAUTH_URL
  /** @param {string} where */
  const ready = async (where) => (await fetch(`${url}${where}`).then((r) => r.json())).status
  expect(
    await until(
      () =>
        ready('/api/health/ready').then(
          (status) => status === 'ok',
          () => false,
        ),
      60_000,
    ),
  ).toBe(true)

  /** @param {string} procedure @param {object} [input] */
  const call = async (procedure, input) => {
    const query = input === undefined || /\.get$/.test(procedure)
    const answer = await fetch(
      `${url}/api/trpc/${procedure}${query ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`,
      {
        method: query ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: query ? undefined : JSON.stringify(input),
      },
    ).then((response) => response.json())
    expect(answer.error).toBeUndefined()
    return answer.result.data
  }
  const { id: organizationId } = await call('organizations.create', { name: 'Acme', slug: 'acme' })
  const { id: jobId } = await call('jobs.submit', { organizationId, jobType: 'report.operations', parameters: {} })
  expect(await until(() => call('jobs.get', { jobId }).then(({ status }) => status === 'COMPLETED'), 90_000, 500)).toBe(
    true,
  )
  const { artifacts } = await call('jobs.get', { jobId })
  const file = await fetch(new URL(artifacts[0].url, url), { headers: { authorization: `Bearer ${key}` } })
  expect(
    Buffer.from(await file.arrayBuffer())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-')

  const page = await fetch(`${url}/sign-in`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(page.headers.get('x-frame-options')).toBe('DENY')
  const [, script] = /src="(\/_next\/static\/[^"]+\.js)/.exec(await page.text()) ?? []
  expect((await fetch(`${url}${script}`)).status).toBe(200)
  expect(await Promise.all(stops.map((stop) => stop()))).toEqual([0, 0])
})
