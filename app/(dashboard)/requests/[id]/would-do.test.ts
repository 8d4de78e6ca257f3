import { expect, test } from 'vitest'
import { whatRequestWouldDo } from './would-do'

const forecast = (matched: number, would: number) => ({ matched, would, capped: false, skipped: [], warnings: [] })

test('an admin reads how many of the jobs a request would change, in whole sentences', () => {
  expect(whatRequestWouldDo('CANCEL', forecast(3, 3))).toEqual({ text: 'All 3 will be canceled.', none: null })
  expect(whatRequestWouldDo('CANCEL', forecast(1, 1)).text).toBe('It will be canceled.')
  expect(whatRequestWouldDo('DELETE', forecast(1_200, 1)).text).toBe('1 of 1,200 will be deleted.')
  expect(whatRequestWouldDo('RETRY', forecast(10, 8)).text).toBe('8 of 10 come back, 2 are skipped.')
})

test('a request that would change nothing cannot be carried out', () => {
  expect(whatRequestWouldDo('CANCEL', forecast(2, 0)).none).toBe('None of the 2 can be canceled.')
  expect(whatRequestWouldDo('DELETE', forecast(1, 0)).none).toBe('It cannot be deleted.')
  expect(whatRequestWouldDo('CANCEL', forecast(0, 0)).none).toBe('None of them is there any more.')
})
