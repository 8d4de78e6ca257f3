import { useRef } from 'react'
import { rowsBetween, type RowSelection } from './selection'

const TICK = 'relative z-10 block size-4 accent-(--accent) pointer-coarse:size-6'

/** Ticks one row at a time. With the shift key, it ticks all rows from the last one clicked to this one. */
export function useTicking<Row>(
  selection: RowSelection<Row> | undefined,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
) {
  const last = useRef<string | null>(null)
  if (!selection) return undefined
  return {
    selection,
    tick(row: Row, on: boolean, range: boolean) {
      selection.set(range ? rowsBetween(rows, keyOf, last.current, keyOf(row)) : [row], on)
      last.current = keyOf(row)
    },
  }
}
export type Ticking<Row> = NonNullable<ReturnType<typeof useTicking<Row>>>

/**
 * The checkbox of a row. It lies above the row's link, which covers the whole row. A click close to the box counts,
 * too.
 */
export function Tick<Row>({ ticking: { selection, tick }, row }: { ticking: Ticking<Row>; row: Row }) {
  return (
    <label className="relative z-10 -m-2 block w-fit p-2 select-none">
      <span className="sr-only">{selection.label(row)}</span>
      <input
        type="checkbox"
        data-tick
        className={TICK}
        checked={selection.has(row)}
        onChange={(event) => {
          // For React the change of a checkbox is a click, and a click knows whether the shift key was held.
          const { nativeEvent } = event
          tick(row, event.target.checked, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
        }}
      />
    </label>
  )
}

export function TickAll<Row>({ selection, rows }: { selection: RowSelection<Row>; rows: readonly Row[] }) {
  const ticked = rows.filter((row) => selection.has(row)).length
  const all = rows.length > 0 && ticked === rows.length
  return (
    <label className="-m-2 block w-fit p-2">
      <span className="sr-only">Select all on this page</span>
      <input
        type="checkbox"
        className={TICK}
        checked={all}
        ref={(input) => {
          if (input) input.indeterminate = ticked > 0 && !all
        }}
        onChange={(event) => selection.set(rows, event.target.checked)}
      />
    </label>
  )
}
