import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partsOf, SPANS, type Part } from './slices'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const at = (text: string) => Date.parse(text)
const shown = ({ span, from, to }: Part) =>
  `${span ?? 'rows'} ${new Date(from).toISOString().slice(5, 16)} ${new Date(to).toISOString().slice(5, 16)}`

describe('a stretch of time', () => {
  it('a stretch of time is read in days, quarters of a day, hours and shorter slices, and in rows where no sums exist', () => {
    const parts = partsOf({
      from: at('2026-03-03T13:37:12Z'),
      to: at('2026-03-10T13:37:12Z'),
      until: at('2026-03-10T13:35:00Z'),
    })
    expect(parts.map(shown)).toEqual([
      // Slices of five minutes are kept for less than a week.
      'rows 03-03T13:37 03-03T14:00',
      '3600 03-03T14:00 03-03T18:00',
      '21600 03-03T18:00 03-04T00:00',
      '86400 03-04T00:00 03-10T00:00',
      '21600 03-10T00:00 03-10T12:00',
      '3600 03-10T12:00 03-10T13:00',
      '300 03-10T13:00 03-10T13:35',
      'rows 03-10T13:35 03-10T13:37',
    ])
  })

  it('a stretch of time is read in rows alone where no sums exist', () => {
    const stretch = { from: at('2026-03-03T13:37:12Z'), to: at('2026-03-10T13:37:12Z') }
    expect(partsOf({ ...stretch, until: null })).toEqual([{ span: null, ...stretch }])
    expect(partsOf({ ...stretch, until: at('2026-03-01T00:00:00Z') })).toEqual([{ span: null, ...stretch }])
  })

  it('where the sums of the first days are no longer kept, only those days are read in rows', () => {
    // Slices of an hour and more are kept for 35 days. These are the days from 40 to 9 days before the present.
    const now = at('2026-03-20T12:00:00Z')
    const parts = partsOf({ from: now - 40 * DAY, to: now - 9 * DAY, until: now, now })
    expect(parts.map(shown)).toEqual([
      'rows 02-08T12:00 02-13T12:00',
      '21600 02-13T12:00 02-14T00:00',
      '86400 02-14T00:00 03-11T00:00',
      '21600 03-11T00:00 03-11T12:00',
    ])
  })

  it('a stretch of time is covered once and without a gap, by whole slices that exist and are still kept', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2026-01-01'), max: at('2026-02-01') }),
        fc.integer({ min: 1, max: 31 * DAY }),
        fc.option(
          fc.integer({ min: at('2026-01-01') / 300_000, max: at('2026-04-01') / 300_000 }).map((n) => n * 300_000),
        ),
        fc.constantFrom(300, 900, 7200, 21_600, undefined),
        fc.integer({ min: 0, max: 60 * DAY }),
        (from, length, until, longest, age) => {
          const to = from + length
          const now = to + age
          const parts = partsOf({ from, to, until, longest, now })
          expect(parts[0]?.from).toBe(from)
          expect(parts.at(-1)?.to).toBe(to)
          parts.slice(1).forEach((part, index) => expect(part.from).toBe(parts[index]!.to))
          for (const { span, from: begin, to: end } of parts) {
            if (span === null) continue
            const { keptSeconds } = SPANS.find(({ seconds }) => seconds === span)!
            expect([begin % (span * 1000), end % (span * 1000)]).toEqual([0, 0])
            expect(end).toBeLessThanOrEqual(until!)
            expect(begin).toBeGreaterThanOrEqual(now - keptSeconds * 1000)
            expect(span).toBeLessThanOrEqual(longest ?? Infinity)
          }
        },
      ),
    )
  })
})
