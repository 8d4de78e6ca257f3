import { expect, test } from 'vitest'
import { countReasons, headline, outcome } from './bulk-words'

test('the outcome of a bulk action tells how many jobs were changed, and why the others were not', () => {
  expect(outcome('cancel', 1, {})).toBe('Canceled 1 job')
  expect(outcome('retry', 4_990, { ILLEGAL_TRANSITION: 8, DUPLICATE_JOB: 2 })).toBe(
    'Retried 4,990 jobs; 10 skipped (8 in another state by then, 2 replaced by an identical job)',
  )
  expect(outcome('delete', 0, countReasons([{ reason: 'NOT_FOUND' }, { reason: 'NEW_REASON' }]))).toBe(
    'Deleted 0 jobs; 2 skipped (1 not there any more, 1 NEW_REASON)',
  )
})

test('the headline of a bulk action tells what it does while it runs, and what it did afterwards', () => {
  const bulk = { action: 'CANCEL', status: 'RUNNING', matched: 650, changed: 200 } as const
  expect(headline(bulk)).toBe('Canceling 650 jobs')
  expect(headline({ ...bulk, status: 'ABORTED' })).toBe('Canceled 200 jobs')
  expect(headline({ ...bulk, status: 'COMPLETED', changed: 1 })).toBe('Canceled 1 job')
})
