import { useRef } from 'react'
import { cn } from '../cn'
import { cellClass, MIN_WIDTH, type Column } from './columns'

/** How far an arrow key moves the edge of a column, in pixels. */
const STEP = 16

interface Props<Row> {
  column: Column<Row>
  /** The reader has chosen the column, so it is shown at every width of the window. */
  chosen: boolean
  /** The width of the column in pixels. */
  width: number
  onWidth: (width: number) => void
  onReset: () => void
}

/**
 * The head of a column, with an edge that changes the width. The column that takes the remaining space has no such
 * edge.
 */
export function HeaderCell<Row>({ column, chosen, width, onWidth, onReset }: Props<Row>) {
  const sized = column.width !== undefined
  return (
    <th
      scope="col"
      aria-label={column.header}
      className={cn(
        'group/head relative h-9 border-b border-line text-xs font-medium text-faint',
        cellClass(column, chosen),
      )}
      style={sized ? { width } : undefined}
    >
      <span className="block truncate">{column.header}</span>
      {sized ? <ResizeHandle name={column.header} width={width} onWidth={onWidth} onReset={onReset} /> : null}
    </th>
  )
}

/**
 * The right edge of a column. The reader drags it or moves it with the arrow keys. A double click restores the width.
 */
function ResizeHandle({
  name,
  width,
  onWidth,
  onReset,
}: { name: string } & Pick<Props<unknown>, 'width' | 'onWidth' | 'onReset'>) {
  const start = useRef({ x: 0, width: 0 })
  const set = (next: number) => onWidth(Math.max(MIN_WIDTH, Math.round(next)))
  return (
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${name}`}
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      tabIndex={0}
      className="absolute inset-y-1.5 right-0 w-2 cursor-col-resize touch-none border-r border-transparent select-none group-hover/head:border-line hover:border-accent! focus-visible:border-accent"
      onPointerDown={(event) => {
        start.current = { x: event.clientX, width }
        // The edge goes on receiving the pointer's events even when the pointer leaves it.
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          set(start.current.width + event.clientX - start.current.x)
      }}
      onDoubleClick={onReset}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0
        if (by === 0) return
        event.preventDefault()
        set(width + by)
      }}
    />
  )
}
