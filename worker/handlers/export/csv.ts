import { stringify, type Options } from 'csv-stringify/sync'
import type { ExportedJob } from '@/worker/handler'

const COLUMNS = [
  'id', 'jobType', 'status', 'priority', 'attempt', 'failures', 'submittedBy',
  'createdAt', 'startedAt', 'finishedAt', 'errorClass', 'errorMessage', 'parameters',
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

/** Jobs as lines (RFC 4180). */
export const csvRows = (jobs: readonly ExportedJob[]): string =>
  stringify(jobs.map((job) => ({ ...job, parameters: JSON.stringify(job.parameters) })), OPTIONS)
