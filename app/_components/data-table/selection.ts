/** Which rows are ticked. The page keeps them: they may be of several pages, or all that match. */
export interface RowSelection<Row> {
  has: (row: Row) => boolean
  set: (rows: readonly Row[], on: boolean) => void
  /** What a tick stands for, for those who cannot see the row. */
  label: (row: Row) => string
}

/** The rows from one to the other, both included, whichever comes first. One that is gone by now leaves the other alone. */
export function rowsBetween<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  from: string | null,
  to: string,
): Row[] {
  const end = rows.findIndex((row) => keyOf(row) === to)
  const start = rows.findIndex((row) => keyOf(row) === from)
  return start < 0 ? rows.slice(end, end + 1) : rows.slice(Math.min(start, end), Math.max(start, end) + 1)
}
