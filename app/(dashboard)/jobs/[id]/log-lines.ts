export interface Line {
  /** The number of the line in the log of its job. */
  line: number
}

/**
 * Adds a page of lines to those that are known. Pages come in order and may overlap. Each line is kept once. The list
 * stays the same object where nothing is new.
 */
export function mergeLines<L extends Line>(known: readonly L[], more: readonly L[]): readonly L[] {
  const last = known.at(-1)?.line ?? -1
  const fresh = more.filter((line) => line.line > last)
  return fresh.length > 0 ? [...known, ...fresh] : known
}
