import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { openApi } from '@/testing/api'
import { createDirectListener } from './direct-api'
import { withGatheredChunks } from './gather-chunks'

// Over real connections: what a caller meets who sends more than is wanted, or more slowly than it may.

const { services, world, close } = await openApi()
// `getServices` finds them there.
;(globalThis as { jobyardServices?: unknown }).jobyardServices = services
const server = createServer(withGatheredChunks(createDirectListener())).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await close()
})

/** A connection on which a POST has begun, and what is answered on it. */
async function begin(procedure: string, headers: Record<string, string | number>) {
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const began = performance.now()
  const seen = { text: '', closedAfter: 0 }
  socket.on('error', () => undefined)
  socket.on('close', () => (seen.closedAfter = performance.now() - began))
  const answered = new Promise<number>((resolve) => {
    socket.on('data', (part) => {
      seen.text += part.toString()
      resolve(performance.now() - began)
    })
  })
  const lines = Object.entries({ host: 'x', 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  socket.write(`POST /api/trpc/${procedure} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return { socket, seen, answered, reason: () => /"reason":"(\w+)"/.exec(seen.text)?.[1] }
}
const as = (name: string) => ({ authorization: `Bearer ${world.keys[name]}` })
const LARGE = 15 * 1024 * 1024

it('a caller that may not submit is answered before its large body has come', async () => {
  const call = await begin('jobs.submitMany', { ...as('acme.VIEWER'), 'content-length': LARGE })
  expect(await call.answered).toBeLessThan(2_000)
  expect(call.reason()).toBe('NOT_PERMITTED')
  // The server does not wait long for the rest of the body. It closes the connection.
  await expect.poll(() => call.seen.closedAfter, { timeout: 10_000 }).toBeGreaterThan(0)
})

it('a body above the limit is refused by its announced length, and by what comes', async () => {
  const announced = await begin('jobs.submit', { ...as('acme.ADMIN'), 'content-length': LARGE })
  await announced.answered
  expect(announced.reason()).toBe('TOO_LARGE')
  announced.socket.destroy()
  const chunked = await begin('jobs.submit', { ...as('acme.ADMIN'), 'transfer-encoding': 'chunked' })
  for (let n = 0; n < 40; n++) chunked.socket.write(`10000\r\n${' '.repeat(65_536)}\r\n`)
  await chunked.answered
  expect(chunked.reason()).toBe('TOO_LARGE')
  chunked.socket.destroy()
  // The lowest limit among the calls of a batch counts, here that of the second.
  const batch = await begin('jobs.submitMany,jobs.submit?batch=1', { ...as('acme.ADMIN'), 'content-length': LARGE })
  await batch.answered
  expect(batch.reason()).toBe('TOO_LARGE')
  batch.socket.destroy()
})

it('after an early answer, the connection takes the next call as soon as the whole body has come', async () => {
  const call = await begin('jobs.submit', { authorization: 'Bearer jy_live_wrong', 'content-length': 200_000 })
  await call.answered
  expect(call.reason()).toBe('UNAUTHENTICATED')
  call.seen.text = ''
  call.socket.write(' '.repeat(200_000))
  call.socket.write(
    `GET /api/trpc/session.me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world.keys['acme.ADMIN']}\r\n\r\n`,
  )
  await expect.poll(() => call.seen.text).toContain('"systemAdmin":false')
  call.socket.destroy()
})

it('a body that comes too slowly is cut off, and its sender is told why', { timeout: 30_000 }, async () => {
  const call = await begin('jobs.submit', { ...as('acme.ADMIN'), 'content-length': 1_000 })
  const drip = setInterval(() => call.socket.write(' '), 100)
  await call.answered
  clearInterval(drip)
  expect(call.reason()).toBe('INVALID_INPUT')
  expect(call.seen.text).toContain('came too slowly')
  await expect.poll(() => call.seen.closedAfter, { timeout: 10_000 }).toBeGreaterThan(0)
})

it(
  'a body in chunks of one byte is cut off if it comes too slowly, and accepted if it comes fast',
  { timeout: 30_000 },
  async () => {
    const chunked = { ...as('acme.ADMIN'), 'transfer-encoding': 'chunked' }
    const slow = await begin('jobs.submit', chunked)
    const drip = setInterval(() => slow.socket.write('1\r\n \r\n'), 20)
    await slow.answered
    clearInterval(drip)
    expect(slow.seen.text).toContain('came too slowly')
    slow.socket.destroy()
    const body = JSON.stringify({ organizationId: world.acme, jobType: 'test.noop', dedupe: false }).padEnd(50_000)
    const fast = await begin('jobs.submit', chunked)
    fast.socket.write(`${[...body].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`)
    await fast.answered
    expect(fast.seen.text).toContain('HTTP/1.1 200')
    fast.socket.destroy()
  },
)

it(
  'a caller’s second large body is not read until the first is answered, and another caller does not wait',
  { timeout: 30_000 },
  async () => {
    const body = JSON.stringify({ organizationId: world.acme, jobs: [{ jobType: 'test.noop', dedupe: false }] }).padEnd(
      2_000_000,
    )
    const length = { 'content-length': body.length }
    const first = await begin('jobs.submitMany', { ...as('acme.ADMIN'), ...length })
    first.socket.write(body.slice(0, 1_500_000))
    await sleep(200)
    const second = await begin('jobs.submitMany', { ...as('acme.ADMIN'), ...length })
    const other = await begin('jobs.submitMany', { ...as('acme.OPERATOR'), ...length })
    second.socket.write(body)
    other.socket.write(body)
    await other.answered
    expect([other.seen.text.includes('HTTP/1.1 200'), second.seen.text]).toEqual([true, ''])
    first.socket.write(body.slice(1_500_000))
    await Promise.all([first.answered, second.answered])
    expect([first, second].map(({ seen }) => seen.text.includes('HTTP/1.1 200'))).toEqual([true, true])
    // A large body that keeps coming slowly holds up the next one for 5 s only. Then the next one is refused.
    const stuck = await begin('jobs.submitMany', { ...as('acme.ADMIN'), ...length })
    const keepAlive = setInterval(() => stuck.socket.write(' '.repeat(20_000)), 500)
    await sleep(200)
    const late = await begin('jobs.submitMany', { ...as('acme.ADMIN'), ...length })
    await late.answered
    clearInterval(keepAlive)
    expect(late.reason()).toBe('RATE_LIMITED')
    expect(late.seen.text.toLowerCase()).toContain('retry-after: 1')
    for (const { socket } of [first, second, other, stuck, late]) socket.destroy()
  },
)

it(
  'two bodies above 16 KiB of one caller are read at once, the third waits, and another caller does not',
  { timeout: 30_000 },
  async () => {
    const body = JSON.stringify({ organizationId: world.acme, jobType: 'test.noop', dedupe: false }).padEnd(100_000)
    const length = { 'content-length': body.length }
    const calls = [1, 2, 3].map(() => begin('jobs.submit', { ...as('acme.ADMIN'), ...length }))
    const [first, second, third] = await Promise.all(calls)
    for (const { socket } of [first!, second!]) socket.write(body.slice(0, 50_000))
    await sleep(300)
    third!.socket.write(body)
    const other = await begin('jobs.submit', { ...as('acme.OPERATOR'), ...length })
    other.socket.write(body)
    await other.answered
    expect([other.seen.text.includes('HTTP/1.1 200'), third!.seen.text]).toEqual([true, ''])
    first!.socket.write(body.slice(50_000))
    await third!.answered
    expect([first!, third!].map(({ seen }) => seen.text.includes('HTTP/1.1 200'))).toEqual([true, true])
    expect(second!.seen.text).toBe('')
    second!.socket.write(body.slice(50_000))
    await second!.answered
    for (const { socket } of [first!, second!, third!, other]) socket.destroy()
  },
)

it('a caller with sixty calls at once leaves most connections to the database to others', async () => {
  const waiting = async () => {
    const rows = await services.db.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`
    return rows[0]!.n
  }
  const { port } = server.address() as AddressInfo
  const call = () => fetch(`http://127.0.0.1:${port}/api/trpc/jobTypes.list`, { headers: as('acme.ADMIN') })
  let calls: Promise<Response>[] = []
  // While the table is locked, no call that reads it comes to its end.
  await services.db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE job_types`
    calls = Array.from({ length: 60 }, call)
    // At most 4 calls of one caller run at once (server/api/call-limits.ts).
    await expect.poll(waiting).toBe(4)
    await sleep(300)
    expect(await waiting()).toBe(4)
  })
  const statuses = (await Promise.all(calls)).map(({ status }) => status)
  expect(statuses).toEqual(Array(60).fill(200))
})

it('the answers of a batch are sent one by one to a caller that accepts this, so that a slow call does not delay the others', async () => {
  // Another transaction holds a table that one of the three calls reads.
  const holder = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE ignored_causes IN ACCESS EXCLUSIVE MODE')
  try {
    const input = { 0: { organizationId: world.acme, range: '1h' } }
    const response = await fetch(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/trpc/metrics.failing,session.me,jobs.get?batch=1&input=${encodeURIComponent(JSON.stringify({ ...input, 2: { jobId: world.acme } }))}`,
      { headers: { ...as('acme.VIEWER'), 'trpc-accept': 'application/jsonl', 'accept-encoding': 'gzip' } },
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    let text = ''
    const reading = (async () => {
      const decoder = new TextDecoder()
      for await (const part of response.body!) text += decoder.decode(part as Uint8Array, { stream: true })
    })()
    // Two of the three answers are there: a result, and a refusal with everything that it says elsewhere.
    await expect.poll(() => text).toContain('"systemAdmin":false')
    await expect.poll(() => text).toContain('"reason":"NOT_FOUND"')
    expect(text).not.toContain('"nextCursor"')
    await holder.query('COMMIT')
    await reading
    expect(text).toContain('"nextCursor"')
  } finally {
    await holder.end()
  }
})
