/**
 * A key for each row of a list, so that a row keeps its state when another one is removed. `known` are the keys that
 * rows have already. Rows that came from elsewhere get keys that no row has.
 */
export function keysOfRows(known: readonly number[], count: number): readonly number[] {
  if (known.length >= count) return known.slice(0, count)
  const next = Math.max(-1, ...known) + 1
  return [...known, ...Array.from({ length: count - known.length }, (_, i) => next + i)]
}
