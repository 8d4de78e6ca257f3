/**
 * A log line. Lines arrive in pages that may overlap. Here the pages are merged in order, and each line is kept once.
 */
export interface Line {
  line: number
}

export function mergeLines<L extends Line>(known: readonly L[], more: readonly L[]): readonly L[] {
  const last = known.at(-1)?.line ?? -1
  const fresh = more.filter((line) => line.line > last)
  return fresh.length > 0 ? [...known, ...fresh] : known
}
