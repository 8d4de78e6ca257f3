import { z } from 'zod'
import { defineHandler } from '@/worker/handler'
import { reportDocument } from './report/document'
import { periodOf } from './report/period'
import { renderPdf } from './report/render'

const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })])

/** A PDF about the organization's jobs over a period, which users can pass on to people without an account. */
export default defineHandler({
  key: 'report.operations',
  isolated: true,
  schema: z.strictObject({ from: moment.optional(), to: moment.optional() }),
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
