import { Readable } from 'node:stream'
import { z } from 'zod'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { defineHandler, type ExportedJob } from '@/worker/handler'
import { csvHeader, csvRows } from './export/csv'

/** A handler can read its own organization only. */
const { organizationId: _, ...fields } = jobFilterFields

/** The organization's jobs that match a filter as CSV, newest first, in constant memory. */
export default defineHandler({
  key: 'export.jobs',
  isolated: true,
  schema: z.strictObject(fields),
  async run(filter, ctx) {
    const total = await ctx.data.countJobs(filter)
    ctx.log.info(`${total} jobs match`)
    ctx.signal.throwIfAborted()
    let rows = 0
    const count = (batch: readonly ExportedJob[]) => {
      ctx.signal.throwIfAborted()
      rows += batch.length
      // Jobs that are added or removed meanwhile make the total a little wrong.
      ctx.progress(total > 0 ? Math.min(99, (100 * rows) / total) : 99, `${rows} of ${Math.max(rows, total)} jobs`)
    }
    const file = `jobs-${new Date().toISOString().slice(0, 10)}.csv`
    // The reader of the stream sets the pace. The next batch is read when the last one is written.
    const lines = Readable.from(csvOf(ctx.data.jobs(filter), count), { objectMode: false, highWaterMark: 256 * 1024 })
    await ctx.artifact(file, lines, 'text/csv; charset=utf-8')
    ctx.log.info(`${file}: ${rows} rows`)
    return { file, rows }
  },
})

async function* csvOf(batches: AsyncIterable<ExportedJob[]>, onBatch: (batch: readonly ExportedJob[]) => void) {
  yield Buffer.from(csvHeader())
  for await (const batch of batches) {
    yield Buffer.from(csvRows(batch))
    onBatch(batch)
  }
}
