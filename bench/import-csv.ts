import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createDb, type Db } from '@/server/db'
import { beginUpload, extendUpload } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { openUploadStore, storageSettings } from '@/server/storage'
import { startS3Server } from '@/testing/s3-server'
import { line } from './line'
import { carriedOut, longestCancel, type Work } from './one-job'
import { ORGANIZATION, prepareDatabase } from './prepare'
import type { WorkerStores } from './worker-process'

const columns = {
  id: { type: 'integer', minimum: 1 },
  email: { type: 'string', format: 'email' },
  name: { type: 'string', minLength: 1, maxLength: 100 },
  amount: { type: 'number', minimum: 0 },
  active: { type: 'boolean' },
}

/**
 * Rule 6: files of so many rows, one in a hundred of them refused, each imported by a worker process of its own. Prints
 * how long it takes and the most memory that the worker had, and how long a cancel takes that comes in the middle of the
 * largest. The smallest file is imported once more from and to a bucket of S3.
 */
export async function importCsv(stores: Omit<WorkerStores, 'env'>, numbers: readonly number[]): Promise<boolean> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-bench-'))
  const s3 = await startS3Server()
  const { bucket, endpoint, keys } = s3.settings
  const inFolder = { STORAGE_DIR: folder }
  const inBucket = {
    STORAGE_DIR: folder,
    STORAGE_S3_BUCKET: bucket,
    STORAGE_S3_ENDPOINT: endpoint!,
    STORAGE_S3_ACCESS_KEY_ID: keys!.accessKeyId,
    STORAGE_S3_SECRET_ACCESS_KEY: keys!.secretAccessKey,
  }
  const memory: number[] = []
  let longest = 0
  try {
    await prepareDatabase(db)
    for (const rows of numbers) {
      memory.push(await measured(db, { ...stores, env: inFolder }, rows, 'a folder'))
      if (rows === numbers[0]) await measured(db, { ...stores, env: inBucket }, rows, 'S3')
    }
    const work = await uploaded(db, inFolder, numbers.at(-1)!)
    longest = await longestCancel(db, { ...stores, env: inFolder }, [work])
  } finally {
    await s3.stop()
    await db.$disconnect()
    await rm(folder, { recursive: true, force: true })
  }
  const ok = line('a cancel while import.csv is at work, longest', longest, 'ms', { below: 1_000 })
  return (
    line('import.csv: memory against a tenth of the rows', memory.at(-1)! / memory[0]!, 'times', { below: 1.25 }) && ok
  )
}

async function measured(db: Db, stores: WorkerStores, rows: number, where: string): Promise<number> {
  const work = await uploaded(db, stores.env!, rows)
  const { seconds, peakMiB, result, bytes } = await carriedOut(db, stores, work)
  const what = `import.csv of ${rows.toLocaleString('en')} rows, files in ${where}`
  line(`${what} (${result}, ${(bytes / 1e6).toFixed(1)} MB)`, seconds, 's', undefined)
  line(`${what}, most memory of the worker`, peakMiB, 'MiB', undefined)
  return peakMiB
}

/** A job that imports a file of so many rows, which is in storage already. */
async function uploaded(db: Db, env: { STORAGE_DIR: string }, rows: number): Promise<Work> {
  const uploadId = await beginUpload(db, {
    organizationId: ORGANIZATION,
    name: 'bench.csv',
    contentType: 'text/csv',
    size: null,
    actor: systemActor('bench'),
    maxBytes: 1024 ** 3,
  })
  const store = openUploadStore(storageSettings(env))
  const segment = await store.write(
    { organizationId: ORGANIZATION, uploadId },
    Readable.from(linesOf(rows), { objectMode: false }),
  )
  await extendUpload(db, { uploadId, offset: 0, segment, isLast: true })
  return { jobType: 'import.csv', parameters: { uploadId, columns } }
}

/** The bytes of a file in which one row of a hundred is refused. */
function* linesOf(rows: number): Generator<Buffer> {
  yield Buffer.from('id,email,name,amount,active\n')
  let text = ''
  for (let n = 1; n <= rows; n++) {
    text += `${n},customer.${n}@example.com,"Lovelace, Ada ${n}",${n % 100 === 0 ? -1 : (n / 7).toFixed(2)},${n % 2 === 0}\n`
    if (text.length < 64 * 1024 && n < rows) continue
    yield Buffer.from(text)
    text = ''
  }
}
