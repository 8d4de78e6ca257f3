import { describe, expect, it } from 'vitest'
import { formatCursor, isAfter, parseCursor } from './event-cursor'

describe('a cursor', () => {
  it('a cursor is read back as it was written, with or without a number of progress', () => {
    const place = { xid: 90071992547409931n, id: 7n }
    expect(parseCursor(formatCursor(place, 1_790_000_000))).toEqual({ ...place, at: 1_790_000_000 })
    expect(parseCursor(formatCursor(place, 1_790_000_000, 179_000_000_000_003))).toEqual({
      ...place,
      at: 1_790_000_000,
    })
  })

  it.each(['', '1', '1-2', '-1-2-3', '1-2-3-4', '1-2-x', '9'.repeat(30), '1-2-3~', "1-2-3'", 'start'])(
    '"%s" is not a cursor',
    (text) => {
      expect(parseCursor(text)).toBeNull()
    },
  )
})

it('places in the stream of events are ordered by transaction, and then by row', () => {
  const place = { xid: 5n, id: 5n }
  for (const later of [
    { xid: 6n, id: 1n },
    { xid: 5n, id: 6n },
  ]) {
    expect(isAfter(later, place)).toBe(true)
    expect(isAfter(place, later)).toBe(false)
  }
  expect(isAfter(place, { ...place })).toBe(false)
})
