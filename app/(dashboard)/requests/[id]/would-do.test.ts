import { expect, test } from 'vitest'
import { wouldDo } from './would-do'

const forecast = (matched: number, would: number) => ({ matched, would, capped: false, skipped: [], warnings: [] })

test('an admin reads in whole sentences how many jobs a request would change', () => {
  expect(wouldDo('CANCEL', forecast(3, 3))).toEqual({ text: 'All 3 are canceled.', none: null })
  expect(wouldDo('CANCEL', forecast(1, 1)).text).toBe('It is canceled.')
  expect(wouldDo('DELETE', forecast(1_200, 1)).text).toBe('1 of 1,200 is deleted.')
  expect(wouldDo('RETRY', forecast(10, 8)).text).toBe('8 of 10 come back, 2 are skipped.')
})

test('a request that would change nothing cannot be carried out', () => {
  expect(wouldDo('CANCEL', forecast(2, 0)).none).toBe('None of the 2 can be canceled.')
  expect(wouldDo('DELETE', forecast(1, 0)).none).toBe('It cannot be deleted.')
  expect(wouldDo('CANCEL', forecast(0, 0)).none).toBe('None of them is there any more.')
})
