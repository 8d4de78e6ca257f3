/** The marks of a chart that stand at one place. */
export interface Placed<Mark> {
  /** The distance from the left edge of the drawing area, as a share of its width from 0 to 1. */
  left: number
  /** The marks in the order of their times. */
  marks: Mark[]
}

/**
 * Marks closer together than this share of the width share one handle, because two handles would cover each other. A
 * handle is 24 px wide. The narrowest chart, on a phone, is about 350 px wide.
 */
const CLOSE = 0.07

/**
 * Tells where marks stand on a chart of equal buckets. With `bars`, each bucket has a band of its own. Without it
 * (lines), the first and the last bucket lie on the edges. Marks outside of the chart's time are left out.
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
