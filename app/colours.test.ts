import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('./globals.css', import.meta.url), 'utf8')
const dark = css.slice(css.indexOf('@variant dark'))
const light = css.slice(0, css.indexOf('@variant dark'))

/** The hue of a colour, in degrees. */
function hue(theme: string, name: string): number {
  const found = new RegExp(`--${name}: oklch\\([\\d.]+ [\\d.]+ ([\\d.]+)\\)`).exec(theme)
  if (!found) throw new Error(`--${name} is no colour of globals.css`)
  return Number(found[1])
}
const apart = (a: number, b: number) => Math.min(Math.abs(a - b), 360 - Math.abs(a - b))

describe.each([
  ['light', light],
  ['dark', dark],
])('in the %s theme', (_, theme) => {
  test.each(['completed', 'failed', 'dead'])('the bars of charts for %s have the colour of the status', (status) =>
    expect(apart(hue(theme, `bar-${status}`), hue(theme, status))).toBeLessThan(8),
  )

  test('a failed attempt, a timeout, a dead job and a warning are four colours', () => {
    const names = ['failed', 'timedout', 'dead', 'warn']
    for (const [n, one] of names.entries())
      for (const other of names.slice(n + 1))
        expect(apart(hue(theme, one), hue(theme, other)), `${one} and ${other}`).toBeGreaterThan(17)
  })
})
