import { columnSizingFeature, columnVisibilityFeature, tableFeatures, type ColumnDef } from '@tanstack/react-table'
import type { ReactNode } from 'react'

/** A column of the one table. */
export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** In pixels, until the reader drags its edge. Left out: it takes what the others leave; one column does. */
  width?: number
  align?: 'right'
  /** Windows narrower than this leave the column out, unless the reader has chosen it. */
  from?: 'lg' | 'xl'
  /** It is left out until the reader chooses it. */
  optional?: boolean
  /** It cannot be left out: a row without it says nothing. */
  needed?: boolean
  /** The form of what will stand there, while it is fetched: classes of Tailwind. */
  skeleton?: string
}

export const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature })
export type Features = typeof features

/** Narrower than this nothing can be read. */
export const MIN_WIDTH = 56
/** What the column without a width needs at least. */
const REST_WIDTH = 200

/** The columns as TanStack Table wants them. Their cells are drawn by us, so it is told of sizes only. */
export const columnDefs = <Row extends object>(columns: readonly Column<Row>[]): ColumnDef<Features, Row>[] =>
  columns.map(({ key, header, width, needed }) => ({
    id: key,
    header,
    size: width ?? REST_WIDTH,
    minSize: MIN_WIDTH,
    enableHiding: !needed,
  }))

/** The classes of a cell: its edge, and from which width of the window on it is there. `chosen`: by the reader, at every width. */
export const cellClass = <Row>({ align, from }: Column<Row>, chosen: boolean) => [
  'px-2 first:pl-4 last:pr-4',
  align === 'right' && 'text-right',
  !chosen && from === 'lg' && 'hidden lg:table-cell',
  !chosen && from === 'xl' && 'hidden xl:table-cell',
]

/** Whether a column is drawn at all; a narrow window may still hide it (`from`). */
export const isDrawn = <Row>({ key, optional }: Column<Row>, shown: Record<string, boolean>): boolean =>
  shown[key] ?? !optional
