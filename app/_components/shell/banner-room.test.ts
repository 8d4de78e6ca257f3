import { expect, test } from 'vitest'
import { readRoom } from './banner-room'

test('the room for the banners is the height that they had, and a cookie that says something else keeps none', () => {
  expect(readRoom('130')).toBe(130)
  expect(readRoom(undefined)).toBe(0)
  expect(readRoom('-4')).toBe(0)
  expect(readRoom('12px')).toBe(0)
})

test('a cookie cannot push the page out of sight', () => {
  expect(readRoom('90000')).toBe(240)
})
