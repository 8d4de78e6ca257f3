/** Marks of a chart that stand at one place. */
export interface Placed<Mark> {
  /** From the left edge of the plot, as a share of its width: 0 to 1. */
  left: number
  /** In the order of their times. */
  marks: Mark[]
}

/**
 * Marks that are closer than this share of the width are one place: two handles would cover each other. A handle has 24 px,
 * and the narrowest chart, on a phone, some 350.
 */
const CLOSE = 0.07

/**
 * Where marks stand on a chart of equal buckets. `bars`: each bucket has a band of its own; otherwise (lines) the first
 * and the last lie on the plot's edges. What lies outside of the time is left out.
 */
export function placeMarks<Mark extends { at: string }>(
  marks: readonly Mark[],
  { first, count, bucketSeconds, bars }: { first: string; count: number; bucketSeconds: number; bars: boolean },
): Placed<Mark>[] {
  const begin = Date.parse(first)
  const end = begin + count * bucketSeconds * 1000
  const width = (bars ? count : Math.max(1, count - 1)) * bucketSeconds * 1000
  const placed: Placed<Mark>[] = []
  for (const mark of [...marks].sort((a, b) => a.at.localeCompare(b.at))) {
    const at = Date.parse(mark.at)
    if (at < begin || at >= end) continue
    const left = Math.min(1, (at - begin) / width)
    const last = placed.at(-1)
    if (last && left - last.left < CLOSE) last.marks.push(mark)
    else placed.push({ left, marks: [mark] })
  }
  return placed
}
