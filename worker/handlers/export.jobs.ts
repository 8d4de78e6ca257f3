import { Readable } from 'node:stream'
import { jobFilterFields } from '@/server/engine/domain/job-filter'
import { JOB_TYPE_NAME } from '@/server/engine/domain/name-forms'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'
import { defineHandler, type ExportedJob, z } from '@jobyard/handler'

/** A handler can read its own organization only. */
const { organizationId: _, ...fields } = jobFilterFields

/** The organization's jobs that match a filter as CSV, newest first, in constant memory. */
export default defineHandler({
  key: 'export.jobs',
  isolated: true,
  schema: z.strictObject(fields),
  jobType: {
    displayName: 'Job export',
    description: 'Writes the organization’s jobs that match a filter to a CSV file, newest first.',
    timeoutSeconds: 3600,
    maxRetries: 2,
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: {
        status: {
          type: 'array',
          uniqueItems: true,
          items: {
            type: 'string',
            enum: ['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER'],
          },
          title: 'Status',
          description: 'Only jobs in one of these states. Empty: all.',
        },
        jobType: {
          type: 'array',
          uniqueItems: true,
          maxItems: 100,
          items: { type: 'string', pattern: JOB_TYPE_NAME.source },
          title: 'Job type',
          description: 'Only jobs of these types. Empty: all.',
        },
        jobTypePrefix: {
          type: 'string',
          pattern: '^[a-z0-9._-]{1,100}$',
          title: 'Job type begins with',
        },
        priority: {
          type: 'array',
          uniqueItems: true,
          items: { type: 'string', enum: ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] },
          title: 'Priority',
        },
        submittedById: {
          type: 'string',
          format: 'uuid',
          title: 'Submitted by',
          description: 'The id of a user or an API key.',
        },
        createdAfter: {
          type: 'string',
          format: 'date-time',
          title: 'Created after',
          description: 'For example 2026-01-31T08:00:00Z.',
        },
        createdBefore: { type: 'string', format: 'date-time', title: 'Created before' },
        endedAfter: { type: 'string', format: 'date-time', title: 'Ended after' },
        endedBefore: { type: 'string', format: 'date-time', title: 'Ended before' },
        failedAfter: { type: 'string', format: 'date-time', title: 'Failed after' },
        failedBefore: { type: 'string', format: 'date-time', title: 'Failed before' },
        rerunOf: {
          type: 'string',
          format: 'uuid',
          title: 'Rerun of',
          description: 'Only jobs that repeat the job with this id.',
        },
        scheduleId: {
          type: 'string',
          format: 'uuid',
          title: 'Schedule',
          description: 'Only jobs that the schedule with this id submitted.',
        },
        bulkId: {
          type: 'string',
          format: 'uuid',
          title: 'Changed by bulk action',
          description: 'Only jobs that the bulk action with this id changed.',
        },
        requestId: {
          type: 'string',
          format: 'uuid',
          title: 'Asked for in request',
          description: 'Only jobs that the open request with this id is about.',
        },
        title: {
          type: 'string',
          minLength: 2,
          maxLength: 200,
          title: 'Title',
          description: 'Words of the title, or their beginnings.',
        },
        search: {
          type: 'string',
          minLength: 3,
          maxLength: 200,
          title: 'Search',
          description: 'Words of title, parameters or error, or their beginnings; or a job id.',
        },
        args: {
          type: 'array',
          maxItems: 10,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['path'],
            oneOf: [{ required: ['value'] }, { required: ['values'] }],
            properties: {
              path: {
                type: 'string',
                minLength: 1,
                maxLength: 200,
                title: 'Path',
                description: 'For example order.id',
              },
              value: { title: 'Value', description: 'Any JSON; it must be equal.' },
              values: { type: 'array', minItems: 1, maxItems: 10, title: 'One of several values' },
            },
          },
          title: 'Parameters equal',
        },
        errorFingerprint: { type: 'string', minLength: 1, maxLength: 100, title: 'Error fingerprint' },
        waitingLongerThanSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 31_536_000,
          title: 'Waiting longer than (s)',
          description: 'Only jobs that wait and could have started so long ago.',
        },
        waitingFor: {
          type: 'array',
          maxItems: WAITING_CODES.length,
          items: { type: 'string', enum: [...WAITING_CODES] },
          title: 'Waiting for',
          description: 'Only jobs that wait for one of these reasons.',
        },
      },
    },
  },
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
    // The reader of the stream sets the pace. At most a few batches are read ahead of it.
    const lines = Readable.from(csvOf(ctx.data.jobs(filter), count), { objectMode: false, highWaterMark: 256 * 1024 })
    await ctx.artifact(file, lines, 'text/csv; charset=utf-8')
    ctx.log.info(`${file}: ${rows} rows`)
    return { file, rows }
  },
})

async function* csvOf(batches: AsyncIterable<ExportedJob[]>, onBatch: (batch: readonly ExportedJob[]) => void) {
  const { csvHeader, csvRows } = await import('./export/csv')
  yield Buffer.from(csvHeader())
  for await (const batch of batches) {
    yield Buffer.from(csvRows(batch))
    onBatch(batch)
  }
}
