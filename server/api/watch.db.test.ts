import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openArtifactStore, type ArtifactStore } from '@/server/storage'
import { openApi } from '@/testing/api'
import { sendArtifact } from './artifact'
import { caller, ORIGIN, type Credentials } from '@/testing/api-world'
import { createServices, type Services } from './services'

const { database, services, world, api, close } = await openApi()
let folder: string
let storage: ArtifactStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobyard-'))
  storage = openArtifactStore({ directory: folder })
})
afterAll(async () => {
  await close()
  await rm(folder, { recursive: true, force: true })
})

// The stream of events: its places, its end, who may read it. And artifacts, for those who may see their job.

const key = (name: string) => ({ key: world.keys[name]! })
const submit = async (who: Credentials) =>
  (await api.mutate('jobs.submit', { organizationId: world.acme, jobType: 'test.noop', dedupe: false }, who)).data
    .id as string

/** Reads a stream of server-sent events until `enough` returns true or the time is over. */
async function readEvents(response: Response, enough: (text: string) => boolean): Promise<string> {
  const reader = response.body!.getReader()
  const end = Date.now() + 20_000
  let text = ''
  while (!enough(text) && Date.now() < end) {
    const late = new Promise<{ done: true; value: undefined }>((resolve) =>
      setTimeout(() => resolve({ done: true, value: undefined }), end - Date.now()),
    )
    const { done, value } = await Promise.race([reader.read(), late])
    if (done) break
    text += new TextDecoder().decode(value as Uint8Array)
  }
  reader.cancel().catch(() => undefined)
  return text
}

/**
 * Reads until `mark` has come, or the stream ends. Each part is searched only once. To search the whole text again for
 * each of three thousand events would take long.
 */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, mark: string): Promise<string> {
  const parts: string[] = []
  let tail = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const part = new TextDecoder().decode(read.value)
    parts.push(part)
    if ((tail + part).includes(mark)) break
    tail = (tail + part).slice(-mark.length)
  }
  return parts.join('')
}

describe('jobs.watch', () => {
  it('jobs.watch streams what happens, with ids from which a reader can continue', async () => {
    const stop = new AbortController()
    const response = await api.watch({ organizationId: world.acme }, key('acme.VIEWER'), stop.signal)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reading = readEvents(response, (text) => text.includes('"CANCELED"'))
    // Without `lastEventId` a stream shows only what happens after it has begun, so it gets a second to begin.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const jobId = await submit(key('acme.ADMIN'))
    await api.mutate('jobs.cancel', { jobId }, key('acme.ADMIN'))
    const text = await reading
    stop.abort()
    const events = text
      .split('\n')
      .filter((line) => line.startsWith('data: {"id"'))
      .map((line) => JSON.parse(line.slice(6)))
    expect(events).toMatchObject([
      {
        type: 'status',
        jobId,
        fromStatus: null,
        toStatus: 'PENDING',
        attempt: 0,
        progress: null,
        progressMessage: null,
      },
      { type: 'status', jobId, fromStatus: 'PENDING', toStatus: 'CANCELED' },
    ])
    expect(text).toContain(`id: ${events[0].id}`)

    const again = new AbortController()
    const resumed = await api.watch(
      { organizationId: world.acme, lastEventId: events[0].id },
      key('acme.VIEWER'),
      again.signal,
    )
    const rest = await readEvents(resumed, (seen) => seen.includes('"CANCELED"'))
    again.abort()
    expect(rest).not.toContain('"toStatus":"PENDING"')
    expect(rest).toContain('"toStatus":"CANCELED"')
  })

  it('jobs.watch takes events from the database only about as fast as its reader takes them, and loses none', async () => {
    let taken = 0
    const counted: Services = {
      ...services,
      hub: () => ({
        ...services.hub(),
        subscribe: (options) => {
          const stream = services.hub().subscribe(options)
          const next = async (timeoutMs: number) => {
            const events = await stream.next(timeoutMs)
            taken += events?.length ?? 0
            return events
          }
          return { ...stream, next }
        },
      }),
    }
    const jobId = await submit(key('acme.ADMIN'))
    const input = { organizationId: world.acme, lastEventId: 'start' }
    const stop = new AbortController()
    const idle = await caller(counted).watch(input, key('acme.VIEWER'), stop.signal)
    const idleReader = idle.body!.getReader()
    await readUntil(idleReader, '"reset"')
    const busy = await api.watch(input, key('acme.VIEWER'), stop.signal)
    const last = '"attempt":3000'
    const all = readUntil(busy.body!.getReader(), last)
    await services.db.$executeRaw`
      INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name)
      SELECT ${jobId}::uuid, ${world.acme}::uuid, 'PENDING', 'QUEUED', n, 'SYSTEM', 't' FROM generate_series(1, 3000) n`
    expect((await all).split('"toStatus":"QUEUED"').length).toBe(3001)
    // The idle reader has taken only the reset. What was taken beyond that waits on its way to the reader.
    expect(taken).toBeLessThan(1000)
    // The events that this reader has not taken yet are not lost.
    expect((await readUntil(idleReader, last)).split('"toStatus":"QUEUED"').length).toBe(3001)
    stop.abort()
  })

  it('somebody outside the organization gets NOT_FOUND from jobs.watch, and nothing else', async () => {
    const jobId = await submit(key('acme.ADMIN'))
    const refused = async (input: unknown, who: Credentials) => {
      const response = await api.watch(input, who, AbortSignal.timeout(25_000))
      // The refusal comes within the stream, as the OpenAPI document says. A browser's EventSource shows nothing of any
      // other answer.
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/event-stream'),
      ])
      return readEvents(response, (text) => text.includes('"reason"'))
    }
    expect(await refused({ organizationId: world.acme }, key('globex.ADMIN'))).toContain('"reason":"NOT_FOUND"')
    expect(await refused({ organizationId: world.globex, jobId }, key('globex.ADMIN'))).toContain(
      '"reason":"NOT_FOUND"',
    )
    expect(await refused({ organizationId: world.acme }, {})).toContain('"reason":"UNAUTHENTICATED"')
    expect(await refused({}, key('globex.ADMIN'))).toMatch(
      /event: serialized-error\ndata: \{.*"reason":"INVALID_INPUT"/,
    )
  })

  it('jobs.watch ends within five seconds for a member who was removed', async () => {
    const cookie = world.cookies['acme.VIEWER']
    const response = await api.watch({ organizationId: world.acme }, { cookie }, AbortSignal.timeout(25_000))
    await services.db.orgMember.deleteMany({ where: { person: { userId: world.userIds['acme.VIEWER'] } } })
    const at = Date.now()
    expect(await readEvents(response, (text) => text.includes('"reason"'))).toContain('"reason":"NOT_FOUND"')
    // Half a second more, for the way of the answer to this test.
    expect(Date.now() - at).toBeLessThan(5_500)
  })

  it('a caller with a hundred open streams is refused another one, learns why, and hinders nobody else', async () => {
    const who = key('globex.VIEWER')
    const input = { organizationId: world.globex, lastEventId: 'nowhere' }
    const begun = async (response: Response) => {
      const reader = response.body!.getReader()
      const text = await readUntil(reader, '"type":"reset"')
      return { reader, reason: /"reason":"(\w+)"/.exec(text)?.[1], text }
    }
    const stops = Array.from({ length: 100 }, () => new AbortController())
    const open = await Promise.all(stops.map(async ({ signal }) => begun(await api.watch(input, who, signal))))
    expect(open.filter(({ reason }) => reason !== undefined)).toEqual([])
    const beyond = await begun(await api.watch(input, who, new AbortController().signal))
    expect(beyond.reason).toBe('RATE_LIMITED')
    expect(beyond.text).toContain('Close one')
    const other = new AbortController()
    expect((await begun(await api.watch(input, key('globex.OPERATOR'), other.signal))).reason).toBeUndefined()
    other.abort()
    stops[0]!.abort()
    await expect
      .poll(async () => {
        const stop = new AbortController()
        const { reason } = await begun(await api.watch(input, who, stop.signal))
        stop.abort()
        return reason
      })
      .toBeUndefined()
    for (const stop of stops) stop.abort()
  })
})

describe('a web process that stops', () => {
  it('a web process that stops ends its streams with an error after which clients reconnect', async () => {
    const stopping = createServices(database.url, pino({ level: 'silent' }))
    const response = await caller(stopping).watch(
      { organizationId: world.acme },
      key('acme.ADMIN'),
      AbortSignal.timeout(25_000),
    )
    setTimeout(() => void stopping.endStreams(), 200)
    expect(await readEvents(response, (text) => text.includes('"reason"'))).toContain('"reason":"UNAVAILABLE"')
    await stopping.db.$disconnect()
  })
})

describe('an artifact', () => {
  const bytes = Buffer.from('%PDF-1.7 0123456789')
  const name = 'Überblick <1>.pdf'
  let jobId: string

  beforeAll(async () => {
    jobId = await submit(key('acme.ADMIN'))
    const { storageKey, size } = await storage.stageArtifact({ organizationId: world.acme, jobId, attempt: 1 }, bytes)
    await storage.commitArtifacts([storageKey])
    await services.db.artifact.create({
      data: { id: uuidv7(), jobId, attempt: 1, name, contentType: 'text/html', size, storageKey },
    })
  })
  const get = (
    who: Credentials,
    headers: Record<string, string> = {},
    over: { jobId?: string; name?: string; method?: string } = {},
  ) => {
    const request = new Request(`${ORIGIN}/api/artifacts/x/y`, {
      method: over.method ?? 'GET',
      headers: {
        ...(who.key ? { authorization: `Bearer ${who.key}` } : {}),
        ...(who.cookie ? { cookie: who.cookie } : {}),
        ...headers,
      },
    })
    return sendArtifact(request, { jobId, name, ...over }, { services, storage })
  }

  it('an artifact is sent to a member who may see its job, as a download that may run nothing', async () => {
    const response = await get(key('acme.OPERATOR'))
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': '19',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'content-disposition': expect.stringMatching(/^attachment; .*filename\*=UTF-8''%C3%9Cberblick/),
      'accept-ranges': 'bytes',
    })
    expect((await api.query('jobs.get', { jobId }, key('acme.OPERATOR'))).data.artifacts).toEqual([
      { name, contentType: 'text/html', size: 19, url: `/api/artifacts/${jobId}/${encodeURIComponent(name)}` },
    ])
  })

  it('parts of an artifact can be asked for', async () => {
    const part = await get(key('acme.ADMIN'), { range: 'bytes=9-12' })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '0123', 'bytes 9-12/19'])
    expect(await (await get(key('acme.ADMIN'), { range: 'bytes=-3' })).text()).toBe('789')
    const beyond = await get(key('acme.ADMIN'), { range: 'bytes=100-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */19'])
    expect((await get(key('acme.ADMIN'), { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    const head = await get(key('acme.ADMIN'), {}, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '19', ''])
  })

  it('an artifact does not exist for anybody outside its organization, nor for its members while it is suspended', async () => {
    expect((await get({})).status).toBe(401)
    for (const response of [
      await get(key('globex.ADMIN')),
      await get(key('acme.ADMIN'), {}, { name: 'other.pdf' }),
      await get(key('acme.ADMIN'), {}, { jobId: uuidv7() }),
      await get(key('acme.ADMIN'), {}, { jobId: '../../etc' }),
    ]) {
      expect([
        response.status,
        ((await response.json()) as { error: { data: { reason: string } } }).error.data.reason,
      ]).toEqual([404, 'NOT_FOUND'])
    }
    await services.db.organization.update({ where: { id: world.acme }, data: { status: 'SUSPENDED' } })
    expect((await get(key('acme.ADMIN'))).status).toBe(404)
    expect((await get(key('root'))).status).toBe(200)
    await services.db.organization.update({ where: { id: world.acme }, data: { status: 'ACTIVE' } })
  })
})
