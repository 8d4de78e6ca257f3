import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { KIND } from './(dashboard)/jobs/[id]/timeline-parts'

/** Two colours can be told apart from this many degrees of hue on. */
const APART = 18
/** A bar may differ by this many degrees of hue from the status that it counts. */
const ALIKE = 10

/** The hue of each colour in app/globals.css in degrees, in the light and in the dark theme. */
function hues(): { light: Map<string, number>; dark: Map<string, number> } {
  const css = readFileSync(new URL('./globals.css', import.meta.url), 'utf8')
  const [light = '', dark = ''] = css.split('@variant dark')
  const read = (text: string) =>
    new Map([...text.matchAll(/--([\w-]+): oklch\([\d.]+ [\d.]+ (\d+)/g)].map(([, name, hue]) => [name!, Number(hue)]))
  return { light: read(light), dark: read(dark) }
}

test('the bars of charts have the colours of what they count', () => {
  for (const theme of Object.values(hues()))
    for (const [bar, status] of [
      ['bar-completed', 'completed'],
      ['bar-failed', 'failed'],
      ['bar-dead', 'dead'],
      ['bar-warning', 'warning'],
    ] as const)
      expect(Math.abs(theme.get(bar)! - theme.get(status)!), `${bar} and ${status}`).toBeLessThanOrEqual(ALIKE)
})

test('a failed attempt, a timeout, a dead letter and a warning can be told apart by their hue', () => {
  for (const theme of Object.values(hues())) {
    // In the order of their hues, from red to yellow.
    const tones = ['dead', 'timedout', 'failed', 'warning'].map((name) => theme.get(name)!)
    for (let n = 1; n < tones.length; n++) expect(tones[n]! - tones[n - 1]!).toBeGreaterThanOrEqual(APART)
  }
})

test('a pause and an open circuit differ from each other, and can be told apart from what failed by their hue', () => {
  // The names of classes, such as `bg-bar-warning`.
  const bars = [KIND.paused.bar, KIND.circuit.bar]
  expect(new Set(bars).size).toBe(2)
  for (const theme of Object.values(hues()))
    for (const bar of bars)
      for (const status of ['dead', 'failed', 'timedout'])
        expect(Math.abs(theme.get(bar.slice(3))! - theme.get(status)!), `${bar} and ${status}`).toBeGreaterThanOrEqual(
          APART,
        )
})
