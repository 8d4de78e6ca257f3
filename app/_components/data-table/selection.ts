/** Which rows are ticked. The page keeps this, because ticked rows may lie on several pages of the list. */
export interface RowSelection<Row> {
  has: (row: Row) => boolean
  set: (rows: readonly Row[], on: boolean) => void
  /** What a tick stands for, for those who cannot see the row. */
  label: (row: Row) => string
}

/**
 * All rows from `from` to `to`, both included, in either order. When `from` is no longer in the list, only `to` is
 * returned.
 */
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
