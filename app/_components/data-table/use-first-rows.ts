import { startTransition, useEffect, useState } from 'react'

/** How many rows are drawn at once. So many fill most windows. */
const FIRST = 24

/**
 * The rows to draw now. When a list appears, its first rows are drawn at once. The others follow in a transition. React
 * draws it in steps of a few milliseconds, so the reader can use the page meanwhile.
 * @returns also how many rows are still to come
 */
export function useFirstRows<Row>(rows: readonly Row[]): { drawn: readonly Row[]; toCome: number } {
  const [whole, setWhole] = useState(rows.length <= FIRST)
  useEffect(() => {
    if (!whole) startTransition(() => setWhole(true))
  }, [whole])
  return whole ? { drawn: rows, toCome: 0 } : { drawn: rows.slice(0, FIRST), toCome: Math.max(0, rows.length - FIRST) }
}
