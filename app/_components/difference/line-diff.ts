/**
 * One line of a comparison of two texts: in both, only in the earlier one ("gone"), or only in the later one ("new").
 */
export interface DiffLine {
  kind: 'same' | 'gone' | 'new'
  text: string
}

/**
 * The most pairs of lines that are compared, because each takes time and four bytes of memory. Beyond it, the whole
 * middle of the earlier text counts as gone and that of the later text as new.
 */
const MOST_PAIRS = 1_000_000

/** Compares two texts line by line. It keeps as many equal lines as possible. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = linesOf(before)
  const b = linesOf(after)
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

/**
 * The lines of a text. Empty text has none, so that a text that is all new does not look as if an empty line had been
 * there.
 */
const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

/** Compares what lies between the equal lines at the beginning and those at the end. */
function middle(a: string[], b: string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: 'gone', text })
  const added = (text: string): DiffLine => ({ kind: 'new', text })
  if (a.length * b.length > MOST_PAIRS) return [...a.map(gone), ...b.map(added)]
  // common[i][j] is the most lines that `a` from line i on and `b` from line j on can have in common.
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

/**
 * The same lines with long runs of equal lines folded. `around` equal lines stay visible on both sides of each change.
 */
export function foldEqualLines(lines: readonly DiffLine[], around = 3): Folded[] {
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
