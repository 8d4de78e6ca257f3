import { expect, test } from 'vitest'
import { countReasons, outcome } from './bulk-words'

test('the outcome of a bulk action says how many jobs were changed, and why the others were not', () => {
  expect(outcome('cancel', 1, {})).toBe('Canceled 1 job')
  expect(outcome('retry', 4_990, { ILLEGAL_TRANSITION: 8, DUPLICATE_JOB: 2 })).toBe(
    'Retried 4,990 jobs; 10 skipped (8 in another state by then, 2 replaced by an identical job)',
  )
  expect(outcome('delete', 0, countReasons([{ reason: 'NOT_FOUND' }, { reason: 'NEW_REASON' }]))).toBe(
    'Deleted 0 jobs; 2 skipped (1 not there any more, 1 NEW_REASON)',
  )
})
