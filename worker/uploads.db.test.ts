import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { beginUpload, cancelJob, discardUpload, extendUpload } from '@/server/engine'
import { openArtifactStore, openUploadStore, type StorageSettings } from '@/server/storage'
import { tester } from '@/testing/engine'
import { startS3Server, type S3Server } from '@/testing/s3-server'
import { createStage, within, type Stage } from './stage.fixture'

// Uploaded files that real workers import, from and to both kinds of storage.

let stage: Stage
let s3: S3Server
beforeAll(async () => {
  stage = await createStage()
  s3 = await startS3Server()
})
afterEach(() => stage.clear())
afterAll(async () => {
  await stage?.close()
  await s3?.stop()
})

interface Place {
  storage: StorageSettings
  env: Record<string, string>
  files: () => Promise<string[]>
}
const PLACES: Record<string, () => Place> = {
  'a folder': () => {
    const directory = path.join(stage.folder, 'files')
    const files = async () => {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    }
    return { storage: { directory }, env: {}, files }
  },
  'a bucket of S3': () => ({
    storage: { s3: s3.settings },
    env: {
      STORAGE_S3_BUCKET: s3.settings.bucket,
      STORAGE_S3_ENDPOINT: s3.settings.endpoint!,
      STORAGE_S3_ACCESS_KEY_ID: s3.settings.keys!.accessKeyId,
      STORAGE_S3_SECRET_ACCESS_KEY: s3.settings.keys!.secretAccessKey,
    },
    files: s3.keys,
  }),
}
const columns = { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } }

async function upload(
  storage: StorageSettings,
  pieces: string[],
  organizationId = stage.world.organizationId,
): Promise<string> {
  const store = openUploadStore(storage)
  const contentType = 'text/csv'
  const uploadId = await beginUpload(stage.db, {
    organizationId,
    name: 'people.csv',
    contentType,
    size: null,
    actor: tester,
    maxBytes: 1e9,
  })
  let offset = 0
  for (const [i, piece] of pieces.entries()) {
    const segment = await store.write({ organizationId, uploadId }, Readable.from([Buffer.from(piece)]))
    expect(await extendUpload(stage.db, { uploadId, offset, segment, isLast: i === pieces.length - 1 })).not.toBeNull()
    offset += segment.size
  }
  return uploadId
}

const submit = (uploadId: string) => stage.submit({ jobType: 'import.csv', parameters: { uploadId, columns } })

describe.each(Object.keys(PLACES))('in %s', (name) => {
  test('a worker imports an upload of several pieces, and leaves both files', async () => {
    const { storage, env } = PLACES[name]!()
    stage.start(undefined, env)
    const job = await submit(await upload(storage, ['name,a', 'ge\nAda,3', '6\nBob,x\nEve,-1\n']))
    await stage.completed([job.id])
    expect((await stage.job(job.id)).result).toEqual({ rows: 3, accepted: 1, refused: 2 })
    const files = await stage.db.artifact.findMany({ where: { jobId: job.id }, orderBy: { name: 'asc' } })
    expect(files.map((file) => file.name)).toEqual(['accepted.csv', 'refused.csv'])
    const [accepted, refused] = await Promise.all(
      files.map(async ({ storageKey }) => text(await openArtifactStore(storage).openArtifact(storageKey))),
    )
    expect(accepted).toBe('name,age\r\nAda,36\r\n')
    expect(refused).toMatch(/^line,column,reason,row\r\n3,age,.*\r\n4,age,must be at least 0 \(is -1\),"Eve,-1"\r\n$/s)
  }, 90_000)

  test('an import that is canceled or fails leaves no file, and an upload of others is not there for it', async () => {
    const { storage, env, files } = PLACES[name]!()
    const others = uuidv7()
    await stage.db.organization.create({ data: { id: others, name: 'Others', slug: others } })
    const foreign = await submit(await upload(storage, ['name,age\nAda,1\n'], others))
    const broken = await submit(await upload(storage, ['name,age\nAda,1\n"Bob,2\n']))
    const long = await submit(await upload(storage, ['name,age\n', 'Ada,1\n'.repeat(2_000_000)]))
    stage.start(undefined, env)
    for (const { id } of [foreign, broken]) await stage.reached(id, 'DEAD_LETTER')
    expect((await stage.job(foreign.id)).error).toMatchObject({
      class: 'PERMANENT',
      message: expect.stringMatching(/There is no upload/) as string,
    })
    expect((await stage.job(broken.id)).error).toMatchObject({
      class: 'PERMANENT',
      message: expect.stringMatching(/never closes/) as string,
    })
    await vi.waitFor(async () => expect((await stage.job(long.id)).progress).toBeGreaterThan(0), within(40))
    const asked = performance.now()
    await cancelJob(stage.db, { jobId: long.id, actor: tester })
    await stage.reached(long.id, 'CANCELED')
    expect(performance.now() - asked).toBeLessThan(4_000)
    expect(await stage.db.artifact.count({ where: { jobId: { in: [foreign.id, broken.id, long.id] } } })).toBe(0)
    const left = async () => (await files()).filter((key) => [broken.id, long.id].some((id) => key.includes(id)))
    await vi.waitFor(async () => expect(await left()).toEqual([]), within(40))
  }, 150_000)

  test('the leader removes the files of an upload that was given up', async () => {
    const { storage, env, files } = PLACES[name]!()
    const uploadId = await upload(storage, ['one', 'two'])
    const own = async () => (await files()).filter((key) => key.includes(uploadId))
    expect(await own()).toHaveLength(2)
    await discardUpload(stage.db, uploadId)
    stage.start(undefined, env)
    await vi.waitFor(async () => expect(await own()).toEqual([]), within(40))
    await vi.waitFor(async () => expect(await stage.db.upload.count({ where: { id: uploadId } })).toBe(0), within(10))
  }, 90_000)
})
