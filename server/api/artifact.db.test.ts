import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openArtifactStore, type ArtifactStore } from '@/server/storage'
import { openApi } from '@/testing/api'
import { sendArtifact } from './artifact'
import { ORIGIN } from '@/testing/api-world'

// A handler may leave a file with any content. It must never run in the dashboard's origin.

const PAGE = '<script>alert(document.cookie)</script>'

const { services, world, api, close } = await openApi()
let directory: string
let storage: ArtifactStore
let jobId: string

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'jobyard-artifacts-'))
  storage = openArtifactStore({ directory })
  const job = await api.mutate(
    'jobs.submit',
    { organizationId: world.acme, jobType: 'test.noop' },
    { key: world.keys['acme.ADMIN']! },
  )
  jobId = (job.data as { id: string }).id
})
afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true, force: true })
})

async function keep(name: string, contentType = 'text/html', content = PAGE): Promise<void> {
  const staged = await storage.stageArtifact({ organizationId: world.acme, jobId, attempt: 1 }, Buffer.from(content))
  await storage.commitArtifacts([staged.storageKey])
  await services.db.artifact.create({
    data: { id: randomUUID(), jobId, attempt: 1, name, contentType, size: staged.size, storageKey: staged.storageKey },
  })
}

const get = (
  name: string,
  headers: Record<string, string> = {},
  { who = 'acme.VIEWER', id = jobId, method = 'GET' } = {},
) =>
  sendArtifact(
    new Request(`${ORIGIN}/api/artifacts/${id}/file`, {
      method,
      headers: { ...(who ? { authorization: `Bearer ${world.keys[who]}` } : {}), ...headers },
    }),
    { jobId: id, name },
    { services, storage },
  )

function expectSealed(response: Response) {
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'$/)
  expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(response.headers.get('cache-control')).toContain('private')
  // Otherwise a proxy could compress the bytes and so change them.
  expect(response.headers.get('cache-control')).toMatch(/(?:^|, )no-transform(?:,|$)/)
}

describe('types of artifacts, and what HEAD tells of them', () => {
  it.each([
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/javascript',
    'application/pdf',
    'text/html; charset=utf-7',
  ])('an artifact of type %s is sent as an attachment that may run nothing', async (contentType) => {
    const name = `${randomUUID()}.html`
    await keep(name, contentType)
    for (const response of [
      await get(name),
      await get(name, { range: 'bytes=0-9' }),
      await get(name, {}, { method: 'HEAD' }),
    ]) {
      expectSealed(response)
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=/)
      expect(response.headers.get('content-type')).toBe(contentType)
    }
  })

  it('a HEAD tells of the whole artifact, also where it asks for a range', async () => {
    const name = randomUUID()
    await keep(name, 'text/plain')
    for (const range of ['bytes=0-3', 'bytes=999999-']) {
      const response = await get(name, { range }, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-length')).toBe(String(PAGE.length))
    }
  })

  it.each(['text/html\r\nset-cookie: a=b', 'text/html\nx', '', 'nonsense', 'текст/html', 'text/html; <script>'])(
    'an artifact whose type is %j is sent as plain bytes',
    async (contentType) => {
      const name = randomUUID()
      await keep(name, contentType)
      const response = await get(name)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(await response.text()).toBe(PAGE)
    },
  )
})

describe('names of artifacts', () => {
  it.each([
    'a "quoted" name.html',
    "semi;colon='x'.csv",
    'back\\slash',
    'line\r\nset-cookie: a=b',
    'ünïcode–ß.txt',
    '報告.pdf',
    '😀.png',
    'r\u202Efdp.exe',
    '%2e%2e%2fetc%2fpasswd',
    '..',
    'x'.repeat(200),
    ' ',
    '\u2028',
    'a\tb',
    "utf-8''x",
  ])('an artifact named %j adds no header to the answer', async (name) => {
    await keep(name)
    const response = await get(name)
    expect(response.status).toBe(200)
    const header = response.headers.get('content-disposition')!
    expect(header).toMatch(
      /^attachment; filename=(?:"(?:[^"\\\r\n]|\\.)*"|[\w!#$%&'*+.^`|~-]+)(?:; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/,
    )
    expect(response.headers.get('set-cookie')).toBeNull()
    await response.body?.cancel()
  })

  it.each(['no such', '../../etc/passwd', '\0', 'a\0b', '\ud800', 'x'.repeat(10_000)])(
    'an artifact named %j that does not exist is NOT_FOUND',
    async (name) => {
      const response = await get(name)
      expect(response.status).toBe(404)
      expect(((await response.json()) as { error: { data: object } }).error.data).toMatchObject({ reason: 'NOT_FOUND' })
    },
  )
})

describe('ranges of an artifact', () => {
  const cases: [string, number, string | null, string][] = [
    ['bytes=0-3', 206, 'bytes 0-3/10', '0123'],
    ['bytes=4-', 206, 'bytes 4-9/10', '456789'],
    ['bytes=-2', 206, 'bytes 8-9/10', '89'],
    ['bytes=0-99999999999999999999', 206, 'bytes 0-9/10', '0123456789'],
    ['bytes=10-', 416, 'bytes */10', ''],
    ['bytes=5-2', 416, 'bytes */10', ''],
    ['bytes=-0', 416, 'bytes */10', ''],
    ['bytes=99999999999999999999-', 416, 'bytes */10', ''],
    // The whole file is sent if the header is not a range, has an unknown unit, or asks for several ranges.
    ['bytes=0-1,4-5', 200, null, '0123456789'],
    [`bytes=${Array.from({ length: 2_000 }, () => '0-').join(',')}`, 200, null, '0123456789'],
    ['lines=0-3', 200, null, '0123456789'],
    ['bytes', 200, null, '0123456789'],
    ['bytes=a-b', 200, null, '0123456789'],
    ['bytes=0x1-0x3', 200, null, '0123456789'],
    ['bytes=1e0-3', 200, null, '0123456789'],
  ]
  it('a range of an artifact is answered as requested, refused, or answered with the whole file', async () => {
    await keep('digits', 'text/plain', '0123456789')
    for (const [range, status, contentRange, text] of cases) {
      const response = await get('digits', { range })
      expect([response.status, response.headers.get('content-range')], range.slice(0, 40)).toEqual([
        status,
        contentRange,
      ])
      expectSealed(response)
      expect(await response.text(), range.slice(0, 40)).toBe(text)
      if (text) expect(response.headers.get('content-length'), range.slice(0, 40)).toBe(String(text.length))
    }
  })
})

it('an artifact is sent to callers who may see its job, and nobody else learns that it exists', async () => {
  await keep('mine')
  expect((await get('mine', {}, { who: 'root' })).status).toBe(200)
  const foreign = await get('mine', {}, { who: 'globex.ADMIN' })
  const none = await get('mine', {}, { who: 'globex.ADMIN', id: randomUUID() })
  expect([foreign.status, await foreign.text()]).toEqual([404, await none.text()])
  expect((await get('mine', {}, { who: '' })).status).toBe(401)
  for (const id of ['x', `${jobId}'`, '%00', '../x']) expect((await get('mine', {}, { id })).status, id).toBe(404)
})
