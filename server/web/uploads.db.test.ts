import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, expect, it } from 'vitest'
import { findUpload, retireUnusedUploads, deleteRetiredUploads } from '@/server/engine'
import { takeUpload } from '@/server/api/uploads/route'
import { openUploadStore } from '@/server/storage'
import { openApi } from '@/testing/api'
import { createDirectListener } from './direct-api'

// Over real connections: files that are uploaded at once and in pieces (by the tus protocol), and what is refused.

const directory = mkdtempSync(path.join(tmpdir(), 'jobyard-uploads-'))
const MAX = 8 * 1024 * 1024
const { services, world, api, close } = await openApi()
// `getServices` finds them there.
;(globalThis as { jobyardServices?: unknown }).jobyardServices = services
const desk = { services, store: openUploadStore({ directory }), maxBytes: MAX }
const listener = createDirectListener({ upload: (request) => takeUpload(request, desk) })
const server = createServer(listener).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const port = (server.address() as AddressInfo).port
const base = `http://127.0.0.1:${port}`
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await close()
  rmSync(directory, { recursive: true, force: true })
})

const as = (who: string) => ({ authorization: `Bearer ${world.keys[who]}` })
const operator = () => as('acme.OPERATOR')
const everything = { all: true } as const

function upload(body: BodyInit | null, headers: Record<string, string> = {}, organizationId = world.acme) {
  return fetch(`${base}/api/uploads?organizationId=${organizationId}`, {
    method: 'POST',
    body,
    headers: { ...operator(), 'content-type': 'text/csv', ...headers },
  })
}
const reasonOf = async (answer: Response) =>
  ((await answer.json()) as { error?: { data: { reason: string } } }).error?.data.reason
async function contentOf(uploadId: string): Promise<Buffer> {
  const found = (await findUpload(services.db, uploadId, everything))!
  return buffer(openUploadStore({ directory }).read({ organizationId: found.organizationId, uploadId }, found.segments))
}
async function files(): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).length
}
async function begin(size: number, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${base}/api/uploads?organizationId=${world.acme}`, {
    method: 'POST',
    headers: { ...operator(), 'tus-resumable': '1.0.0', 'upload-length': String(size), ...headers },
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('upload-offset')).toBe('0')
  return answer.headers.get('location')!
}
const patch = (address: string, offset: number, body: Uint8Array, headers: Record<string, string> = {}) =>
  fetch(base + address, {
    method: 'PATCH',
    body: body as BodyInit,
    headers: {
      ...operator(),
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      ...headers,
    },
  })
const offsetOf = async (address: string) =>
  Number((await fetch(base + address, { method: 'HEAD', headers: operator() })).headers.get('upload-offset'))

it('an operator uploads a file as the body of one request, and it is stored byte for byte', async () => {
  const bytes = randomBytes(3_000_001)
  const answer = await upload(bytes)
  expect(answer.status).toBe(201)
  const { uploadId, size } = (await answer.json()) as { uploadId: string; size: number }
  expect(size).toBe(bytes.length)
  expect((await contentOf(uploadId)).equals(bytes)).toBe(true)
  const told = await fetch(`${base}/api/uploads/${uploadId}`, { headers: operator() })
  expect(await told.json()).toMatchObject({ uploadId, size, received: size, complete: true, contentType: 'text/csv' })
})

it('a file that comes in chunks of unknown number is stored, too', async () => {
  const pieces = Array.from({ length: 20 }, () => randomBytes(50_000))
  const stream = new ReadableStream({
    async start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      await Promise.resolve()
      controller.close()
    },
  })
  const answer = await fetch(`${base}/api/uploads?organizationId=${world.acme}&name=people.csv`, {
    method: 'POST',
    body: stream,
    duplex: 'half',
    headers: { ...operator(), 'content-type': 'text/csv; charset=utf-8' },
  } as RequestInit)
  const { uploadId } = (await answer.json()) as { uploadId: string }
  expect((await contentOf(uploadId)).equals(Buffer.concat(pieces))).toBe(true)
  expect(await findUpload(services.db, uploadId, everything)).toMatchObject({ name: 'people.csv', complete: true })
})

it('a caller that may not submit jobs cannot upload, and a stranger does not learn that the organization exists', async () => {
  const before = await files()
  const statuses = await Promise.all(
    [
      upload('a', { authorization: '' }),
      upload('a', as('acme.VIEWER')),
      upload('a', as('globex.ADMIN')),
      upload('a', operator(), randomUUID()),
      upload('a', operator(), 'nonsense'),
      upload('a', as('root')),
    ].map(async (answer) => [(await answer).status, await reasonOf(await answer)]),
  )
  expect(statuses).toEqual([
    [401, 'UNAUTHENTICATED'],
    [403, 'NOT_PERMITTED'],
    [404, 'NOT_FOUND'],
    [404, 'NOT_FOUND'],
    [400, 'INVALID_INPUT'],
    [201, undefined],
  ])
  expect(await files()).toBe(before + 1)
})

it('an upload belongs to its organization: for others it does not exist', async () => {
  const { uploadId } = (await (await upload('mine')).json()) as { uploadId: string }
  for (const method of ['GET', 'HEAD', 'DELETE'])
    expect((await fetch(`${base}/api/uploads/${uploadId}`, { method, headers: as('globex.ADMIN') })).status).toBe(404)
  const piece = await patch(`/api/uploads/${uploadId}`, 4, Buffer.from('x'), as('globex.ADMIN'))
  expect(await reasonOf(piece)).toBe('NOT_FOUND')
  expect((await contentOf(uploadId)).toString()).toBe('mine')
})

it.each([
  ['multipart/form-data; boundary=x', 415],
  ['application/x-www-form-urlencoded', 415],
  ['', 415],
  ['nonsense', 415],
])('a body of the type %j is refused with a reason', async (type, status) => {
  const answer = await upload(Buffer.from('a,b\n'), { 'content-type': type })
  expect(answer.status).toBe(status)
  expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(/Content-Type/)
})

it('a compressed or empty body, and one from another site, is refused', async () => {
  expect((await upload('a', { 'content-encoding': 'gzip' })).status).toBe(415)
  expect(await reasonOf(await upload(''))).toBe('INVALID_INPUT')
  const sent = await fetch(`${base}/api/uploads?organizationId=${world.acme}`, {
    method: 'POST',
    body: 'a',
    headers: { 'content-type': 'text/csv', cookie: world.cookies['acme.OPERATOR']!, origin: 'https://evil.example' },
  })
  expect(await reasonOf(sent)).toBe('NOT_PERMITTED')
})

it('other methods are refused, with the ones that are allowed', async () => {
  const answer = await fetch(`${base}/api/uploads`, { headers: operator() })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
})

/** A connection on which a POST of a file has begun. */
async function raw(headers: Record<string, string | number>, start = `POST /api/uploads?organizationId=${world.acme}`) {
  const socket = connect(port, '127.0.0.1')
  const seen = { text: '' }
  socket.on('error', () => undefined)
  socket.on('data', (part) => (seen.text += part.toString()))
  const lines = Object.entries({ host: 'x', 'content-type': 'text/csv', ...operator(), ...headers })
  socket.write(`${start} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, seen }
}

it('a file above the limit is refused unread if its length is announced, and otherwise as soon as too much has come', async () => {
  const before = await files()
  const announced = await raw({ 'content-length': MAX + 1 })
  await expect.poll(() => announced.seen.text).toMatch(/ 413 [^]*TOO_LARGE[^]*8,388,608 bytes/)
  announced.socket.destroy()
  const chunked = await raw({ 'transfer-encoding': 'chunked' })
  const piece = `100000\r\n${'x'.repeat(1024 * 1024)}\r\n`
  for (let n = 0; n < 9; n++) chunked.socket.write(piece)
  await expect.poll(() => chunked.seen.text, { timeout: 10_000 }).toMatch(/ 413 /)
  chunked.socket.destroy()
  await expect.poll(files).toBe(before)
})

it('a body that breaks off or comes too slowly leaves no file and no upload', async () => {
  const before = await files()
  const rows = () => services.db.upload.count({ where: { removedAt: null } })
  const uploads = await rows()
  const broken = await raw({ 'content-length': 1_000_000 })
  broken.socket.write('x'.repeat(200_000))
  await expect.poll(files).toBe(before + 1)
  broken.socket.destroy()
  await expect.poll(files).toBe(before)
  const slow = await raw({ 'content-length': 1_000_000 })
  slow.socket.write('x')
  await expect.poll(() => slow.seen.text, { timeout: 10_000 }).toMatch(/ 400 [^]*too slowly/)
  slow.socket.destroy()
  await expect.poll(files).toBe(before)
  expect(await rows()).toBe(uploads)
})

it('a caller’s second file is not read until the first has arrived', async () => {
  const first = await raw({ 'content-length': 600_000 })
  first.socket.write('x'.repeat(300_000))
  await expect.poll(files).toBeGreaterThan(0)
  let answered = false
  const second = upload('second').then((answer) => ((answered = true), answer.status))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(answered).toBe(false)
  first.socket.write('x'.repeat(300_000))
  expect(await second).toBe(201)
  await expect.poll(() => first.seen.text).toMatch(/ 201 /)
  first.socket.destroy()
})

it('a file comes in pieces, and each piece has to begin where the one before it ended', async () => {
  const bytes = randomBytes(1_000_000)
  const name = Buffer.from('people.csv').toString('base64')
  const type = Buffer.from('text/csv').toString('base64')
  const address = await begin(bytes.length, { 'upload-metadata': `filename ${name},filetype ${type}` })
  expect((await patch(address, 0, bytes.subarray(0, 400_000))).status).toBe(204)
  const wrong = await patch(address, 0, bytes.subarray(0, 10))
  expect([wrong.status, wrong.headers.get('upload-offset')]).toEqual([409, '400000'])
  const past = await patch(address, 400_000, randomBytes(600_001))
  expect([past.status, await reasonOf(past)]).toEqual([413, 'TOO_LARGE'])
  const form = await patch(address, 400_000, bytes, { 'content-type': 'text/csv' })
  expect(form.status).toBe(415)
  expect((await patch(address, 400_000, bytes.subarray(400_000))).headers.get('upload-offset')).toBe('1000000')
  const id = address.split('/').at(-1)!
  expect((await contentOf(id)).equals(bytes)).toBe(true)
  expect(await findUpload(services.db, id, everything)).toMatchObject({
    name: 'people.csv',
    contentType: 'text/csv',
    complete: true,
  })
})

it('after a broken connection an upload goes on where it stopped: what had come is kept', async () => {
  const bytes = randomBytes(2_000_000)
  const address = await begin(bytes.length)
  const head = { 'content-type': 'application/offset+octet-stream', 'content-length': bytes.length }
  const broken = await raw({ ...head, 'upload-offset': 0 }, `PATCH ${address}`)
  await new Promise((resolve) => broken.socket.write(bytes.subarray(0, 700_000), resolve))
  await new Promise((resolve) => setTimeout(resolve, 100))
  broken.socket.destroy()
  await expect.poll(() => offsetOf(address)).toBeGreaterThan(100_000)
  const from = await offsetOf(address)
  expect(from).toBeLessThanOrEqual(700_000)
  expect((await patch(address, from, bytes.subarray(from))).status).toBe(204)
  expect((await contentOf(address.split('/').at(-1)!)).equals(bytes)).toBe(true)
})

it('two pieces at the same place: one is taken, and nothing of the other stays', async () => {
  for (let round = 0; round < 10; round++) {
    const before = await files()
    const address = await begin(20)
    // Two callers, because the pieces of one wait for each other.
    const answers = await Promise.all(
      [operator(), as('acme.ADMIN')].map((who) => patch(address, 0, Buffer.from('0123456789'), who)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await offsetOf(address)).toBe(10)
    expect(await files()).toBe(before + 1)
  }
})

it('an unfinished upload can be given up and is then gone, and a complete one cannot be given up', async () => {
  const address = await begin(20)
  await patch(address, 0, Buffer.from('0123456789'))
  expect((await fetch(base + address, { method: 'DELETE', headers: operator() })).status).toBe(204)
  expect((await fetch(base + address, { method: 'HEAD', headers: operator() })).status).toBe(404)
  const { uploadId } = (await (await upload('whole')).json()) as { uploadId: string }
  expect((await fetch(`${base}/api/uploads/${uploadId}`, { method: 'DELETE', headers: operator() })).status).toBe(409)
})

it('a suspended organization uploads nothing', async () => {
  await services.db.organization.update({ where: { id: world.globex }, data: { status: 'SUSPENDED' } })
  const answer = await upload('a', as('globex.OPERATOR'), world.globex)
  expect([answer.status, await reasonOf(answer)]).toEqual([403, 'ORGANIZATION_SUSPENDED'])
  await services.db.organization.update({ where: { id: world.globex }, data: { status: 'ACTIVE' } })
})

it('an unused upload goes after a day, and one that an unfinished job names stays', async () => {
  const ids: string[] = []
  for (const content of ['unused', 'used', 'done', 'young'])
    ids.push(((await (await upload(content)).json()) as { uploadId: string }).uploadId)
  const [unused, used, done, young] = ids as [string, string, string, string]
  const jobOf = async (uploadId: string) =>
    (
      (
        await api.mutate(
          'jobs.submit',
          { organizationId: world.acme, jobType: 'test.noop', parameters: { uploadId } },
          { key: world.keys['acme.OPERATOR']! },
        )
      ).data as { id: string }
    ).id
  await jobOf(used)
  await api.mutate('jobs.cancel', { jobId: await jobOf(done) }, { key: world.keys['acme.OPERATOR']! })
  const old = new Date(Date.now() - 25 * 3_600_000)
  await services.db.upload.updateMany({ where: { id: { in: [unused, used, done] } }, data: { touchedAt: old } })
  const gone = (await retireUnusedUploads(services.db)).map(({ id }) => id)
  expect(gone).toEqual(expect.arrayContaining([unused, done]))
  expect(gone).not.toContain(used)
  expect(gone).not.toContain(young)
  await deleteRetiredUploads(services.db, gone)
  expect(await findUpload(services.db, unused, everything)).toBeNull()
  expect(await findUpload(services.db, used, everything)).toMatchObject({ complete: true })
  // It is not looked at again before another day has gone.
  expect((await services.db.upload.findUniqueOrThrow({ where: { id: used } })).touchedAt.getTime()).toBeGreaterThan(
    Date.now() - 60_000,
  )
})
