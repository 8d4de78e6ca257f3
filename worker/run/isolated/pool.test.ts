import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Claimed } from '@/server/engine'
import { EngineError } from '@/server/engine'
import type { MessageSettings } from '../../handler'
import { Attempt } from '../attempt'
import { IsolatedPool } from './pool'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jobyard-threads-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function poolOf(code: string, messages?: MessageSettings): Promise<IsolatedPool> {
  const filename = path.join(folder, `thread-${Math.random().toString(36).slice(2)}.mjs`)
  await writeFile(filename, code)
  return new IsolatedPool({
    threads: 1,
    filename,
    databaseUrl: '',
    storage: { directory: folder },
    projectRoot: '/',
    outside: null,
    messages,
  })
}

/** An attempt that touches neither database nor files. */
const attempt = () =>
  new Attempt(
    {
      jobId: '0199b2c0-0000-7000-8000-000000000001',
      attempt: 1,
      timeoutSeconds: 60,
      sensitive: [] as string[],
    } as Claimed,
    performance.now(),
    {} as never,
    {} as never,
    {} as never,
  )

test('an attempt whose thread sits in a call outside of JavaScript ends only when that call has returned', async () => {
  // The call lasts for 6 s. A thread counts as stuck after 3 s.
  const [begun, done] = [path.join(folder, 'begun'), path.join(folder, 'done')]
  const pool = await poolOf(`
    import { execFileSync } from 'node:child_process'
    export default () => execFileSync('sh', ['-c', ${JSON.stringify(`touch '${begun}'; sleep 6; touch '${done}'`)}])`)
  const held = attempt()
  const onStuck = vi.fn()
  const end = pool.run(held, onStuck)
  await vi.waitFor(() => expect(existsSync(begun)).toBe(true), { timeout: 10_000 })
  held.stop('lost') // no grace
  expect(await end).toMatchObject({ ok: false })
  expect(existsSync(done)).toBe(true)
  // A worker is told by this, and ends its process.
  expect(onStuck).toHaveBeenCalledOnce()
  held.end()
  await pool.close()
})

test('an attempt that spins ends at once with a lost lease, and so does one that still waits for a thread', async () => {
  const pool = await poolOf('export default () => { while (true) {} }')
  const [spins, waits] = [attempt(), attempt()]
  const onStuck = vi.fn()
  const ends = [pool.run(spins, onStuck), pool.run(waits, onStuck)]
  waits.stop('lost')
  spins.stop('lost')
  for (const end of ends) expect(await end).toMatchObject({ ok: false })
  expect(onStuck).not.toHaveBeenCalled()
  for (const each of [spins, waits]) each.end()
  await pool.close()
})

test('a canceled job whose thread still loads its handler ends at once; one whose handler has begun gets its grace', async () => {
  // This thread never says that its handler has begun, as one does not that still loads it.
  const pool = await poolOf('export default () => { while (true) {} }')
  const loading = attempt()
  const end = pool.run(loading, () => undefined)
  const from = performance.now()
  loading.stop('cancel')
  expect(await end).toMatchObject({ ok: false })
  expect(performance.now() - from).toBeLessThan(2_000)
  loading.end()
  await pool.close()

  const other = await poolOf(`
    export default ({ port }) => new Promise((resolve) => {
      port.postMessage({ type: 'begun' })
      port.on('message', ({ kind }) => setTimeout(() => { port.close(); resolve({ ok: true, result: kind, hasResult: true }) }, 300))
      port.postMessage({ type: 'log', level: 'INFO', message: 'begun' })
    })`)
  const begun = attempt()
  const said = new Promise<void>((resolve) => (begun.log = () => resolve()))
  const graceful = other.run(begun, () => undefined)
  await said
  begun.stop('cancel')
  expect(await graceful).toMatchObject({ ok: true, result: 'cancel' })
  begun.end()
  await other.close()
})

test('a handler in a thread hears why the engine refused the job that it submitted', async () => {
  const pool = await poolOf(`
    export default ({ port }) => new Promise((resolve) => {
      port.on('message', ({ error }) => { port.close(); resolve({ ok: true, result: error, hasResult: true }) })
      port.postMessage({ type: 'submit', call: 1, child: { jobType: 'x' }, index: 1 })
    })`)
  const submitting = attempt()
  submitting.submit = () => Promise.reject(new EngineError('RATE_LIMITED', 'Too many', { retryAfterSeconds: 7 }))
  expect(await pool.run(submitting, () => undefined)).toMatchObject({
    result: {
      name: 'EngineError',
      message: 'Too many',
      refusal: { reason: 'RATE_LIMITED', data: { retryAfterSeconds: 7 } },
    },
  })
  submitting.end()
  await pool.close()
})

test('a thread learns the address of the dashboard and what messages may call, and not the password of the mail server', async () => {
  const pool = await poolOf(
    'export default ({ port, messages }) => (port.close(), { ok: true, result: messages, hasResult: true })',
    {
      mail: { url: 'smtps://user:password@mail.example.com', from: 'jobyard@example.com' },
      allow: '10.0.0.0/8',
      dashboard: 'https://jobs.example.com',
    },
  )
  const asking = attempt()
  const { result } = (await pool.run(asking, () => undefined)) as { result: unknown }
  expect(result).toEqual({ allow: '10.0.0.0/8', dashboard: 'https://jobs.example.com' })
  asking.end()
  await pool.close()
})
