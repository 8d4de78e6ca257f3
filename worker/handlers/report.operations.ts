import { defineHandler, z } from '@jobyard/handler'
import { periodOf } from './report/period'

const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })])

/** A PDF about the organization's jobs over a period, which users can pass on to people without an account. */
export default defineHandler({
  key: 'report.operations',
  isolated: true,
  schema: z.strictObject({ from: moment.optional(), to: moment.optional() }),
  jobType: {
    displayName: 'Operations report',
    description: 'A PDF of the organization’s jobs over a period: throughput, failures, run times and top errors.',
    title: 'Operations report {from} – {to}',
    maxRetries: 2,
    parameterSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: {
        from: {
          type: 'string',
          anyOf: [{ format: 'date' }, { format: 'date-time' }],
          title: 'From',
          description:
            'First day (2026-01-31), in the time zone of the organization, or a moment (2026-01-31T08:00:00Z). Empty: the last seven days, today included.',
        },
        to: {
          type: 'string',
          anyOf: [{ format: 'date' }, { format: 'date-time' }],
          title: 'To',
          description: 'Last day, included, or the moment at which the report ends. Empty: now.',
        },
      },
    },
  },
  async run(params, ctx) {
    const generatedAt = new Date()
    const period = periodOf(params, generatedAt, await ctx.data.timeZone())
    ctx.log.info(`Reporting on ${period.from.toISOString()} to ${period.to.toISOString()}, days in ${period.timeZone}`)
    ctx.progress(5, 'Counting jobs')
    const report = await ctx.data.report(period)
    ctx.signal.throwIfAborted()

    const jobs = report.byStatus.reduce((total, { count }) => total + count, 0)
    ctx.log.info(`${jobs} jobs of ${report.byType.length} types, ${report.topErrors.length} kinds of errors`)
    ctx.progress(45, 'Drawing charts and laying out pages')
    let pages = 0
    const [{ reportDocument }, { renderPdf }] = await Promise.all([
      import('./report/document'),
      import('./report/render'),
    ])
    const input = { organization: ctx.job.organizationName, period, report, generatedAt }
    const pdf = await renderPdf(reportDocument(input, (all) => (pages = all)))
    ctx.signal.throwIfAborted()

    ctx.progress(90, 'Storing the file')
    const file = `operations-${period.firstDay}-${period.lastDay}.pdf`
    await ctx.artifact(file, pdf, 'application/pdf')
    ctx.log.info(`${file}: ${pages} pages, ${pdf.byteLength} bytes`)
    return { file, pages, jobs, from: period.from.toISOString(), to: period.to.toISOString() }
  },
})
