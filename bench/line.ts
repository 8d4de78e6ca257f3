/** Prints a figure as `name: value unit | bar | ok`. Returns whether it reaches its bar. */
export function line(
  name: string,
  value: number,
  unit: string,
  bar: { atLeast: number } | { below: number } | undefined,
): boolean {
  const shown = `${name}: ${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))}${unit ? ` ${unit}` : ''}`
  if (!bar) {
    console.log(shown)
    return true
  }
  const ok = 'atLeast' in bar ? value >= bar.atLeast : value < bar.below
  console.log(
    `${shown} | ${'atLeast' in bar ? `at least ${bar.atLeast}` : `below ${bar.below}`} | ${ok ? 'ok' : 'SHORT'}`,
  )
  return ok
}
