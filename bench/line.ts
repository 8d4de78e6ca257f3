/** What a figure has to reach. */
export type Bar = { atLeast: number } | { below: number } | undefined

interface Figure {
  values: number[]
  unit: string
  bar: Bar
}

const figures = new Map<string, Figure>()

/** Prints a figure as `name: value unit | bar | ok`. Returns whether it reaches its bar. */
export function line(name: string, value: number, unit: string, bar: Bar): boolean {
  const key = name.trim()
  const figure = figures.get(key) ?? { values: [], unit, bar }
  figures.set(key, figure)
  figure.values.push(value)
  write(`${name}: ${short(value)}${unit ? ` ${unit}` : ''}`, value, bar)
  return reaches(value, bar)
}

/** Prints the median and the spread of every figure that was measured more than once. */
export function printMedians(): void {
  const several = [...figures].filter(([, { values }]) => values.length > 1)
  if (several.length === 0) return
  say(`\nMedian (lowest to highest) of ${several[0]![1].values.length} rounds`)
  for (const [name, { values, unit, bar }] of several)
    write(
      `${name}: ${short(median(values))} (${short(Math.min(...values))} to ${short(Math.max(...values))})${unit ? ` ${unit}` : ''}`,
      median(values),
      bar,
    )
}

/** Whether the median of every figure reaches its bar. */
export const allReached = (): boolean => [...figures.values()].every(({ values, bar }) => reaches(median(values), bar))

/** Every figure as a JSON value: its median, all its values in the order of the rounds, and its bar. */
export const asJson = () =>
  [...figures].map(([name, { values, unit, bar }]) => ({
    name,
    median: median(values),
    values,
    unit,
    bar: bar ?? null,
    ok: reaches(median(values), bar),
  }))

/** Where figures are printed. With --json they go to the standard error, so that the standard output is JSON alone. */
let say: (text: string) => void = console.log
export function printToStandardError(): void {
  say = console.error
}

function write(shown: string, value: number, bar: Bar): void {
  if (!bar) return say(shown)
  say(
    `${shown} | ${'atLeast' in bar ? `at least ${bar.atLeast}` : `below ${bar.below}`} | ${reaches(value, bar) ? 'ok' : 'SHORT'}`,
  )
}

const reaches = (value: number, bar: Bar): boolean =>
  !bar || ('atLeast' in bar ? value >= bar.atLeast : value < bar.below)

const short = (value: number) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
