/** A line of a difference: in both, only in the one before, or only in the one after. */
export interface DiffLine {
  kind: 'same' | 'gone' | 'new'
  text: string
}

/** Above so many pairs of lines the middle is not compared line by line: all of it is gone, and all of the other is new. */
const MOST_PAIRS = 1_000_000

/** The lines of two texts, side by side where they are the same: the longest common run of lines stays. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const as = (kind: DiffLine['kind'], lines: string[]) => lines.map((text) => ({ kind, text }))
  return [
    ...as('same', a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...as('same', a.slice(a.length - tail)),
  ]
}

function middle(a: string[], b: string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: 'gone', text })
  const added = (text: string): DiffLine => ({ kind: 'new', text })
  if (a.length * b.length > MOST_PAIRS) return [...a.map(gone), ...b.map(added)]
  // common[i][j]: how many lines a from i and b from j have in common at most.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
    }
  }
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i++]! })
      j++
    } else if (common[i + 1]![j]! >= common[i]![j + 1]!) lines.push(gone(a[i++]!))
    else lines.push(added(b[j++]!))
  }
  return [...lines, ...a.slice(i).map(gone), ...b.slice(j).map(added)]
}

export type Folded = DiffLine | { kind: 'folded'; count: number }

/** The same with long runs of equal lines folded: `around` lines stay beside each change. */
export function foldSame(lines: readonly DiffLine[], around = 3): Folded[] {
  const near = (at: number) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same')
  const folded: Folded[] = []
  lines.forEach((line, at) => {
    const last = folded.at(-1)
    if (near(at)) folded.push(line)
    else if (last?.kind === 'folded') last.count++
    else folded.push({ kind: 'folded', count: 1 })
  })
  return folded
}
