import { stringify, type Options } from 'csv-stringify/sync'
import { visible, visibleJson } from '@/server/engine/domain/visible'
import type { ExportedJob } from '@jobyard/handler'

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
  // A cell that a spreadsheet would run as a formula gets a ' in front: one that begins with = + - @, also in full width,
  // with a tab or with a carriage return.
  escape_formulas: true,
  record_delimiter: 'windows',
  cast: { date: (at) => at.toISOString() },
}

/** The first line: the names of the columns, which are fields of `ExportedJob`. */
export const csvHeader = (): string => stringify([[...COLUMNS]], { record_delimiter: 'windows' })

/**
 * Jobs as lines of CSV (RFC 4180). Characters that a spreadsheet would hide or turn around are written as escapes,
 * which mean the same in JSON.
 */
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

/** Carriage returns stay, because the guard against formulas deals with them at the beginning of a cell. */
const readable = (text: string): string => text.split('\r').map(visible).join('\r')
