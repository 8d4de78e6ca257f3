import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { classifyFailure } from '@/server/engine/domain/failure'
import { startS3Server, type S3Server } from '@/testing/s3-server'
import { createArtifactStore } from './artifacts'
import type { StorageDriver } from './driver'
import { FolderDriver } from './folder-driver'
import type { ArtifactOwner, ArtifactStore } from './index'
import { S3Driver } from './s3-driver'
import { createUploadStore } from './uploads'

let s3: S3Server
beforeAll(async () => {
  s3 = await startS3Server()
})
afterAll(() => s3.stop())

let directory: string
let driver: StorageDriver
let store: ArtifactStore
/** How many files there are, notes about them included. */
let files: () => Promise<number>
const owner: ArtifactOwner = { organizationId: randomUUID(), jobId: randomUUID(), attempt: 1 }

const DRIVERS: Record<string, () => void> = {
  folder: () => {
    driver = new FolderDriver(directory)
    files = async () =>
      (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length
  },
  'bucket of S3': () => {
    driver = new S3Driver(s3.settings)
    files = async () => (await s3.keys()).length
  },
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'artifacts-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** What every storage has to do. */
describe.each(Object.entries(DRIVERS))('in a %s', (_, open) => {
  beforeEach(async () => {
    open()
    store = createArtifactStore(driver)
    const left = await driver.staged()
    for (const key of left.keys) await driver.remove(key)
    await driver.removeFolder(owner.organizationId)
    await driver.removeFolder('uploads')
    expect(await files()).toBe(0)
  })

  test('an artifact has one key, staged and kept, and keeping it twice is no error', async () => {
    const { storageKey, size } = await store.stageArtifact(owner, Readable.from(['ä', Buffer.from('bc')]))
    expect(size).toBe(4)
    expect(storageKey.startsWith(`${owner.organizationId}/${owner.jobId}/1/`)).toBe(true)
    await store.commitArtifacts([storageKey])
    await store.commitArtifacts([storageKey])
    expect(await text(await store.openArtifact(storageKey))).toBe('äbc')
  })

  test('a range of an artifact is read without the rest of it', async () => {
    const { storageKey } = await store.stageArtifact(owner, Buffer.from('0123456789'))
    await store.commitArtifacts([storageKey])
    expect(await text(await store.openArtifact(storageKey, { start: 2, end: 4 }))).toBe('234')
    expect(await text(await store.openArtifact(storageKey, { start: 8 }))).toBe('89')
  })

  test('a stream that fails leaves nothing behind, and its own error is what the caller gets', async () => {
    async function* failing() {
      yield Buffer.alloc(100_000)
      await Promise.resolve()
      throw new RangeError('no more')
    }
    await expect(store.stageArtifact(owner, Readable.from(failing()))).rejects.toThrow(new RangeError('no more'))
    expect(await files()).toBe(0)
  })

  test('a signal ends a write that waits for its source', async () => {
    const controller = new AbortController()
    const source = new PassThrough()
    source.write('begun')
    const staging = store.stageArtifact(owner, source, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('canceled')), 20)
    await expect(staging).rejects.toThrow('canceled')
    expect(await files()).toBe(0)
  })

  test('a signal that fires before the first byte is read ends the write, and not the process', async () => {
    const controller = new AbortController()
    const staging = store.stageArtifact(owner, new PassThrough(), { signal: controller.signal })
    controller.abort(new Error('canceled at once'))
    await expect(staging).rejects.toThrow('canceled at once')
    const late = store.stageArtifact(owner, new PassThrough(), { signal: controller.signal })
    await expect(late).rejects.toThrow('canceled at once')
    expect(await files()).toBe(0)
  })

  test('a source that fails before the first byte is read ends the write, and not the process', async () => {
    const source = new PassThrough()
    const staging = store.stageArtifact(owner, source)
    source.destroy(new RangeError('the source is gone'))
    await expect(staging).rejects.toThrow('the source is gone')
    expect(await files()).toBe(0)
  })

  test('removal takes staged and kept files of the job, and no other', async () => {
    const kept = await store.stageArtifact(owner, Buffer.from('kept'))
    await store.commitArtifacts([kept.storageKey])
    await store.stageArtifact({ ...owner, attempt: 2 }, Buffer.from('staged'))
    const other = await store.stageArtifact({ ...owner, jobId: randomUUID() }, Buffer.from('other'))
    await store.commitArtifacts([other.storageKey])
    await store.removeArtifactsOf({ organizationId: owner.organizationId, jobId: owner.jobId })
    await store.removeArtifacts([kept.storageKey])
    expect(await files()).toBe(1)
    expect((await buffer(await store.openArtifact(other.storageKey))).toString()).toBe('other')
  })

  test('what a dead process left staged is removed, what a running attempt staged is not', async () => {
    const named = () => Promise.resolve<string[]>([])
    expect(await store.settleAbandoned({ running: async () => [], named })).toEqual({ kept: 0, removed: 0 })
    await store.stageArtifact(owner, Buffer.from('left'))
    expect(await store.settleAbandoned({ running: async (attempts) => attempts, named })).toEqual({
      kept: 0,
      removed: 0,
    })
    const asked: unknown[] = []
    expect(await store.settleAbandoned({ running: async (attempts) => (asked.push(...attempts), []), named })).toEqual({
      kept: 0,
      removed: 1,
    })
    expect(asked).toEqual([{ jobId: owner.jobId, attempt: owner.attempt }])
    expect(await files()).toBe(0)
  })

  test('what a row names of a dead process is read as it lies there, and kept', async () => {
    const named = await store.stageArtifact(owner, Buffer.from('named'))
    await store.stageArtifact(owner, Buffer.from('not named'))
    expect(await text(await store.openArtifact(named.storageKey))).toBe('named')
    const jobs: string[] = []
    const settle = () =>
      store.settleAbandoned({
        running: async () => [],
        named: async (jobIds) => (jobs.push(...jobIds), [named.storageKey]),
      })
    expect(await settle()).toEqual({ kept: 1, removed: 1 })
    expect(jobs).toEqual([owner.jobId])
    expect(await settle()).toEqual({ kept: 0, removed: 0 })
    expect(await files()).toBe(1)
    expect(await text(await store.openArtifact(named.storageKey))).toBe('named')
  })

  test('files are read without a gap while they are kept, also by two at once', async () => {
    for (let round = 0; round < 50; round++) {
      const { storageKey } = await store.stageArtifact(owner, Buffer.from('here'))
      const reads = Array.from({ length: 4 }, async () => text(await store.openArtifact(storageKey)))
      await Promise.all([store.commitArtifacts([storageKey]), store.commitArtifacts([storageKey])])
      expect(await Promise.all(reads)).toEqual(Array(4).fill('here'))
    }
  })

  test.each(['../../etc/passwd', '/etc/passwd', 'staging/x', `${owner.organizationId}/../x`, ''])(
    'the storage refuses %j as the key of a file',
    async (key) => {
      await expect(store.openArtifact(key)).rejects.toThrow('not the storage key')
      await expect(store.removeArtifacts([key])).rejects.toThrow('not the storage key')
      await expect(store.stageArtifact({ ...owner, jobId: key }, Buffer.alloc(1))).rejects.toThrow('needs the ids')
    },
  )

  test('a file of many parts comes back byte for byte, also from its middle', async () => {
    // Three parts of 8 MiB in S3, the last of them not full, in pieces that end nowhere where a part does.
    const bytes = randomBytes(20 * 1024 * 1024 + 7)
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += 70_001) {
        await Promise.resolve()
        yield bytes.subarray(at, at + 70_001)
      }
    }
    const { storageKey, size } = await store.stageArtifact(owner, Readable.from(pieces()))
    await store.commitArtifacts([storageKey])
    expect(size).toBe(bytes.length)
    expect((await buffer(await store.openArtifact(storageKey))).equals(bytes)).toBe(true)
    const part = await buffer(await store.openArtifact(storageKey, { start: 17_000_000, end: 17_099_999 }))
    expect(part.equals(bytes.subarray(17_000_000, 17_100_000))).toBe(true)
  })

  test('an artifact from an empty stream is an empty file', async () => {
    const { storageKey, size } = await store.stageArtifact(owner, Readable.from([]))
    await store.commitArtifacts([storageKey])
    expect(size).toBe(0)
    expect(await text(await store.openArtifact(storageKey))).toBe('')
  })

  test('a file that is not there cannot be opened or kept', async () => {
    const key = `${owner.organizationId}/${owner.jobId}/1/${randomUUID()}`
    await expect(store.openArtifact(key)).rejects.toThrow()
    await expect(store.commitArtifacts([key])).rejects.toThrow('has disappeared from storage')
  })

  test('attempt 1 is removed without the files of attempt 10', async () => {
    const one = await store.stageArtifact(owner, Buffer.from('one'))
    const ten = await store.stageArtifact({ ...owner, attempt: 10 }, Buffer.from('ten'))
    await store.commitArtifacts([one.storageKey, ten.storageKey])
    await store.removeArtifactsOf(owner)
    await expect(store.openArtifact(one.storageKey)).rejects.toThrow()
    expect(await text(await store.openArtifact(ten.storageKey))).toBe('ten')
  })

  test('more staged files than fit on one page are all looked after', async () => {
    // A page of S3 has at most 1,000 keys.
    const count = 1_020
    const keys = Array.from({ length: count }, () => `${owner.organizationId}/${owner.jobId}/1/${randomUUID()}`)
    for (let at = 0; at < count; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => driver.stage(key, Buffer.from('x'))))
    const named = keys.filter((_, i) => i % 2 === 0)
    const done = await store.settleAbandoned({ running: async () => [], named: async () => named })
    expect(done).toEqual({ kept: count / 2, removed: count / 2 })
    expect(await driver.staged()).toMatchObject({ keys: [] })
  })

  test('an upload of several pieces is read as one file, from any place', async () => {
    const uploads = createUploadStore(driver)
    const place = { organizationId: owner.organizationId, uploadId: randomUUID() }
    const segments = []
    for (const piece of ['01234', '5', '6789'])
      segments.push(await uploads.write(place, Readable.from([Buffer.from(piece)])))
    expect(segments.map(({ size }) => size)).toEqual([5, 1, 4])
    expect(await text(uploads.read(place, segments))).toBe('0123456789')
    for (const start of [0, 4, 5, 6, 9, 10])
      expect(await text(uploads.read(place, segments, start))).toBe('0123456789'.slice(start))
    await uploads.remove(place)
    expect(await files()).toBe(0)
  })

  test('a piece of an upload whose source fails leaves nothing behind, and its own error is what the caller gets', async () => {
    const uploads = createUploadStore(driver)
    const place = { organizationId: owner.organizationId, uploadId: randomUUID() }
    async function* failing() {
      yield Buffer.alloc(100_000)
      await Promise.resolve()
      throw new RangeError('no more')
    }
    await expect(uploads.write(place, Readable.from(failing()))).rejects.toThrow(new RangeError('no more'))
    expect(await files()).toBe(0)
  })
})

test('a fault of storage is told apart from a fault of the handler’s own stream, and without a path', async () => {
  store = createArtifactStore(new FolderDriver(directory))
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'staging'), 'in the way')
  const big = () => Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(100_000)))
  for (const content of [Buffer.from('x'), big()]) {
    const error: unknown = await store.stageArtifact(owner, content).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({
      name: 'StorageError',
      message: expect.stringMatching(/^Storage did not take a file: E[A-Z]+ \(\w+\)$/) as string,
    })
    expect(classifyFailure(error)).toMatchObject({ class: 'TRANSIENT' })
    expect(JSON.stringify(classifyFailure(error))).not.toContain(directory)
  }
  // A stream of which nothing was read is closed, or what it reads from would stay open.
  const unread = big()
  await expect(new FolderDriver(directory).put('staging/file', unread)).rejects.toThrow('Storage did not take a file')
  expect(unread.destroyed).toBe(true)
  await rm(join(directory, 'staging'))
  async function* unreadable() {
    yield Buffer.alloc(10)
    await Promise.resolve()
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' })
  }
  const own: unknown = await store.stageArtifact(owner, Readable.from(unreadable())).catch((reason: unknown) => reason)
  expect(own).toMatchObject({ name: 'Error', code: 'EACCES' })
  expect(classifyFailure(own)).toMatchObject({ class: 'PERMANENT' })
})

test('a bucket that is away, is missing or refuses the key lets a job be tried again, and names no address', async () => {
  const { settings } = s3
  const broken = [
    { ...settings, endpoint: 'http://127.0.0.1:9' },
    { ...settings, bucket: 'another-bucket' },
    { ...settings, keys: { accessKeyId: 'unknown', secretAccessKey: 'S3RVER' } },
  ]
  for (const each of broken) {
    const away = createArtifactStore(new S3Driver(each))
    const big = () => Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(100_000)))
    for (const content of [Buffer.from('x'), big()]) {
      const error: unknown = await away.stageArtifact(owner, content).catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        name: 'StorageError',
        message: expect.stringMatching(/^Storage did not take a file: \w+$/) as string,
      })
      expect(classifyFailure(error)).toMatchObject({ class: 'TRANSIENT' })
      expect(JSON.stringify(classifyFailure(error).message)).not.toContain('127.0.0.1')
    }
  }
})

test.each([
  ['one request, where the server takes it', true, ['POST']],
  ['a request for each, where it does not', false, ['POST', 'DELETE', 'DELETE']],
])('a folder in S3 is removed with %s', async (_, takes, expected) => {
  const left = new Set(['job/a', 'job/b'])
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://s3')
    const prefix = url.searchParams.get('prefix') ?? ''
    if (request.method !== 'GET') asked.push(request.method ?? '')
    if (request.method === 'GET') {
      const keys = [...left].filter((key) => key.startsWith(prefix))
      response.end(
        `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`,
      )
    } else if (request.method === 'DELETE') {
      left.delete(url.pathname.replace(/^\/bucket\//, ''))
      response.writeHead(204).end()
    } else if (takes) {
      left.clear()
      response.end('<DeleteResult/>')
    } else response.writeHead(501).end('<Error><Code>NotImplemented</Code></Error>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const keys = { accessKeyId: 'a', secretAccessKey: 'b' }
    await new S3Driver({
      bucket: 'bucket',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      keys,
    }).removeFolder('job')
    expect(left.size).toBe(0)
    expect(asked).toEqual(expected)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
