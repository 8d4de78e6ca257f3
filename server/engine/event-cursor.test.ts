import { expect, it } from 'vitest'
import { formatCursor, parseCursor } from './event-cursor'

it('a place is read back as it was written, with or without a count of progress', () => {
  const place = { from: 12n, to: 90071992547409931n, id: 7n }
  expect(parseCursor(formatCursor(place))).toEqual(place)
  expect(parseCursor(formatCursor(place, 3))).toEqual(place)
})

it.each(['', '1', '1-2', '2-1-3', '-1-2-3', '1-2-3-4', '1-2-x', '9'.repeat(30), '1-2-3~', "1-2-3'"])('"%s" is no place', (text) => {
  expect(parseCursor(text)).toBeNull()
})
