import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { classifyFailure } from '@/server/engine/domain/failure'
import { createArtifactStore } from './artifacts'
import { FolderDriver } from './driver'
import { openArtifactStore, type ArtifactOwner, type ArtifactStore } from './index'

let directory: string
let store: ArtifactStore
const owner: ArtifactOwner = { organizationId: randomUUID(), jobId: randomUUID(), attempt: 1 }

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'artifacts-'))
  store = openArtifactStore({ directory })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const files = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length

test('an artifact has one key, staged and kept, and keeping it twice is no error', async () => {
  const { storageKey, size } = await store.stageArtifact(owner, Readable.from(['ä', Buffer.from('bc')]))
  expect(size).toBe(4)
  expect(storageKey.startsWith(`${owner.organizationId}/${owner.jobId}/1/`)).toBe(true)
  await store.commitArtifacts([storageKey])
  await store.commitArtifacts([storageKey])
  expect(await text(await store.openArtifact(storageKey))).toBe('äbc')
})

test('a range is read without the rest', async () => {
  const { storageKey } = await store.stageArtifact(owner, Buffer.from('0123456789'))
  await store.commitArtifacts([storageKey])
  expect(await text(await store.openArtifact(storageKey, { start: 2, end: 4 }))).toBe('234')
  expect(await text(await store.openArtifact(storageKey, { start: 8 }))).toBe('89')
})

test('a stream that fails leaves nothing behind and its own error', async () => {
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

test('a signal that fires before the first byte is read ends the write, and only the write', async () => {
  const controller = new AbortController()
  const staging = store.stageArtifact(owner, new PassThrough(), { signal: controller.signal })
  controller.abort(new Error('canceled at once'))
  await expect(staging).rejects.toThrow('canceled at once')
  const late = store.stageArtifact(owner, new PassThrough(), { signal: controller.signal })
  await expect(late).rejects.toThrow('canceled at once')
  expect(await files()).toBe(0)
})

test('a source that fails before the first byte is read fails the write, and only the write', async () => {
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
  expect(await store.settleAbandoned({ running: async (attempts) => attempts, named })).toEqual({ kept: 0, removed: 0 })
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

test('a fault of storage is told apart from a fault of the handler’s own stream, and without a path', async () => {
  await rm(join(directory, 'staging'), { recursive: true, force: true })
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

test.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOTDIR', 'ENOENT', 'ESTALE', 'EFBIG', 'ENXIO'])(
  '%s of storage lets a job be tried again',
  async (code) => {
    const driver = new FolderDriver(directory)
    driver.put = () =>
      Promise.reject(Object.assign(new Error(`${code}: no, open '${directory}/x'`), { code, syscall: 'open' }))
    const error: unknown = await createArtifactStore(driver)
      .stageArtifact(owner, Buffer.from('x'))
      .catch((reason: unknown) => reason)
    expect(classifyFailure(error)).toMatchObject({
      class: 'TRANSIENT',
      message: `Storage did not take a file: ${code} (open)`,
    })
  },
)
