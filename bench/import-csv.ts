// Measures `import.csv`: time and peak memory of one process that imports a file of so many rows, from and to a folder
// or a bucket of S3. Run it as `npx tsx bench/import-csv.ts [--s3] 100000 1000000`. Each size gets a process of its own,
// because memory that was taken once is seldom given back.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { openArtifactStore, openUploadStore, type StorageSettings } from '@/server/storage'
import { startS3Server } from '@/testing/s3-server'
import importCsv from '@/worker/handlers/import.csv'
import { recordingContext } from '@/worker/handler/recording'

const columns = {
  id: { type: 'integer', minimum: 1 },
  email: { type: 'string', format: 'email' },
  name: { type: 'string', minLength: 1, maxLength: 100 },
  amount: { type: 'number', minimum: 0 },
  active: { type: 'boolean' },
}

/** One row in a hundred is refused. */
function* rows(count: number): Generator<Buffer> {
  yield Buffer.from('id,email,name,amount,active\n')
  let text = ''
  for (let n = 1; n <= count; n++) {
    text += `${n},customer.${n}@example.com,"Lovelace, Ada ${n}",${n % 100 === 0 ? -1 : (n / 7).toFixed(2)},${n % 2 === 0}\n`
    if (text.length < 64 * 1024 && n < count) continue
    yield Buffer.from(text)
    text = ''
  }
}

async function measure(count: number, storage: StorageSettings): Promise<void> {
  const place = { organizationId: randomUUID(), uploadId: randomUUID() }
  const store = openUploadStore(storage)
  const segments = [await store.write(place, Readable.from(rows(count), { objectMode: false }))]
  const size = segments[0]!.size
  const { ctx, progress } = recordingContext({
    uploads: {
      [place.uploadId]: {
        id: place.uploadId,
        name: 'bench.csv',
        contentType: 'text/csv',
        size,
        read: (start) => store.read(place, segments, start),
      },
    },
  })
  const artifacts = openArtifactStore(storage)
  const owner = { organizationId: place.organizationId, jobId: randomUUID(), attempt: 1 }
  ctx.artifact = async (_, content) => void (await artifacts.stageArtifact(owner, content))
  const before = process.memoryUsage.rss()
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
  const from = performance.now()
  const result = await importCsv.run(importCsv.schema.parse({ uploadId: place.uploadId, columns }), ctx)
  const seconds = (performance.now() - from) / 1_000
  clearInterval(watch)
  const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`
  process.stdout.write(
    `${count.toLocaleString('en')} rows, ${megabytes(size)}: ${seconds.toFixed(1)} s (${Math.round(count / seconds).toLocaleString('en')} rows/s), memory ${megabytes(before)} before, ${megabytes(peak)} at most, ${progress.length} reports, ${JSON.stringify(result)}\n`,
  )
}

const [size] = process.argv.slice(2)
if (size === '--one') {
  const [, , , count, storage] = process.argv
  await measure(Number(count), JSON.parse(storage!) as StorageSettings)
} else {
  const s3 = size === '--s3' ? await startS3Server() : null
  const directory = mkdtempSync(path.join(tmpdir(), 'jobyard-import-'))
  const storage: StorageSettings = s3 ? { s3: s3.settings } : { directory }
  for (const count of process.argv.slice(s3 ? 3 : 2).map(Number))
    execFileSync(
      process.execPath,
      [...process.execArgv, fileURLToPath(import.meta.url), '--one', String(count), JSON.stringify(storage)],
      { stdio: 'inherit' },
    )
  await s3?.stop()
  rmSync(directory, { recursive: true, force: true })
}
