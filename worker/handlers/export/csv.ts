import { stringify, type Options } from 'csv-stringify/sync'
import { visible, visibleJson } from '@/server/engine/domain/visible'
import type { ExportedJob } from '@/worker/handler'

const COLUMNS = [
  'id',
  'jobType',
  'status',
  'priority',
  'attempt',
  'failures',
  'submittedBy',
  'createdAt',
  'startedAt',
  'finishedAt',
  'errorClass',
  'errorMessage',
  'parameters',
] as const satisfies readonly (keyof ExportedJob)[]

const OPTIONS: Options = {
  columns: [...COLUMNS],
  // A cell that a spreadsheet would run as a formula (= + - @, tab, carriage return) gets a ' in front.
  escape_formulas: true,
  record_delimiter: 'windows',
  cast: { date: (at) => at.toISOString() },
}

/** The names of the columns: those of a job on the wire. */
export const csvHeader = (): string => stringify([[...COLUMNS]], { record_delimiter: 'windows' })

/** Jobs as lines (RFC 4180). What a spreadsheet would not show, or would turn around, is written out: in JSON that is the same value. */
export const csvRows = (jobs: readonly ExportedJob[]): string =>
  stringify(
    jobs.map((job) => ({
      ...job,
      submittedBy: readable(job.submittedBy),
      errorMessage: job.errorMessage === null ? null : readable(job.errorMessage),
      parameters: visibleJson(job.parameters, 0),
    })),
    OPTIONS,
  )

/** Carriage returns stay: at the beginning of a cell they are guarded against with the formulas. */
const readable = (text: string): string => text.split('\r').map(visible).join('\r')
