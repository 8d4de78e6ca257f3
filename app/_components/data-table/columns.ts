import { columnSizingFeature, columnVisibilityFeature, tableFeatures, type ColumnDef } from '@tanstack/react-table'
import type { ReactNode } from 'react'

/** A column of `DataTable`. */
export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /**
   * The width in pixels, until the reader drags the column's edge. Exactly one column has no width and takes the space
   * that the others leave.
   */
  width?: number
  align?: 'right'
  /** A window narrower than this leaves the column out, unless the reader has chosen it. */
  from?: 'lg' | 'xl'
  /** The column is left out until the reader chooses it. */
  optional?: boolean
  /** The column cannot be left out, because a row would make no sense without it. */
  alwaysShown?: boolean
  /** Tailwind classes for the grey shape that stands in a cell while its data is fetched. */
  skeleton?: string
}

/** What the tables use of TanStack Table. */
export const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature })
export type Features = typeof features

/** A list with more rows draws only the rows in sight. */
export const MANY = 100
/** The height of a row in pixels, before it is measured. It is `h-row` in tailwind.config.ts. */
export const ROW_HEIGHT = 36

/** The least width of a column in pixels. Nothing could be read in a narrower one. */
export const MIN_WIDTH = 56
/** The least width in pixels of the column that has no width of its own. */
const REST_WIDTH = 200

/** The columns as TanStack Table needs them. Our own code draws the cells, so only sizes and visibility are given. */
export const columnDefs = <Row extends object>(columns: readonly Column<Row>[]): ColumnDef<Features, Row>[] =>
  columns.map(({ key, header, width, alwaysShown }) => ({
    id: key,
    header,
    size: width ?? REST_WIDTH,
    minSize: MIN_WIDTH,
    enableHiding: !alwaysShown,
  }))

/**
 * The classes of a cell: its space, its alignment, and the width of the window from which it is shown. `chosen` means
 * that the reader has chosen the column. Then it is shown at every width.
 */
export const cellClass = <Row>({ align, from }: Column<Row>, chosen: boolean) => [
  'px-2 first:pl-4 last:pr-4',
  align === 'right' && 'text-right',
  !chosen && from === 'lg' && 'hidden lg:table-cell',
  !chosen && from === 'xl' && 'hidden xl:table-cell',
]

/** Whether a column is drawn at all. A narrow window may still hide a drawn column (see `from`). */
export const isDrawn = <Row>({ key, optional }: Column<Row>, shown: Record<string, boolean>): boolean =>
  shown[key] ?? !optional
