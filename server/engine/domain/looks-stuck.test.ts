import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksStuck } from './looks-stuck'

const run = (elapsedSeconds: number, quietSeconds: number, p95Seconds: number | null = null) =>
  looksStuck({ elapsedSeconds, quietSeconds, p95Seconds })

test('a job that runs for over three times the p95 of its type and is quiet looks stuck', () => {
  expect(run(91, 60, 30)).toBe('OVER_USUAL')
  expect(run(90, 60, 30)).toBeNull()
  expect(run(91, 59, 30)).toBeNull()
})

test('a job of a type that is not known yet looks stuck when it has reported nothing for two minutes', () => {
  expect(run(120, 120)).toBe('SILENT')
  expect(run(10_000, 119)).toBeNull()
})

test('a job whose type takes four minutes without a word may be quiet for four minutes', () => {
  expect(run(200, 200, 240)).toBeNull()
  expect(run(240, 240, 240)).toBe('SILENT')
})

test('a job that is quiet for ten minutes looks stuck, however long its type takes', () => {
  expect(run(600, 600, 7_200)).toBe('SILENT')
  expect(run(599, 599, 7_200)).toBeNull()
})

test('a slow job that reported within the last minute never looks stuck', () => {
  const seconds = fc.double({ min: 0, max: 1e7, noNaN: true })
  fc.assert(
    fc.property(seconds, fc.double({ min: 0, max: 59.9, noNaN: true }), fc.option(seconds), (elapsed, quiet, p95) => {
      expect(run(elapsed + quiet, quiet, p95)).toBeNull()
    }),
  )
})

test('a job that looks stuck goes on looking so while it stays quiet', () => {
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(seconds, seconds, seconds, fc.option(seconds), (before, quiet, later, p95) => {
      if (run(before + quiet, quiet, p95)) expect(run(before + quiet + later, quiet + later, p95)).not.toBeNull()
    }),
  )
})
