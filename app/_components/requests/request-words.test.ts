import { expect, test } from 'vitest'
import { confirmOf, isAboutJobs, isDangerous, titleOf } from './request-words'

test('the title of a request tells what an admin would do', () => {
  const none = { matched: null, jobType: null }
  expect(titleOf({ ...none, kind: 'CANCEL', matched: 1_618 })).toBe('Cancel 1,618 jobs')
  expect(titleOf({ ...none, kind: 'RETRY', matched: 1 })).toBe('Retry 1 job')
  expect(titleOf({ ...none, kind: 'PAUSE' })).toBe('Pause the organization')
  expect(titleOf({ ...none, kind: 'CLOSE_CIRCUIT', jobType: 'orders.sync' })).toBe('Close the circuit of orders.sync')
  expect(titleOf({ ...none, kind: 'CHANGE_JOB', matched: 1 })).toBe('Change 1 job')
  expect(titleOf({ ...none, kind: 'CHANGE_LIMIT' })).toBe('Change the limit of the organization')
  expect(confirmOf({ kind: 'DELETE', matched: 1 })).toBe('Delete job')
  expect(confirmOf({ kind: 'RESUME', matched: null })).toBe('Resume it')
})

test('requests to cancel, retry or delete jobs have a preview, others have none, and a deletion is marked as dangerous', () => {
  expect((['CANCEL', 'RETRY', 'DELETE', 'PAUSE', 'RESUME', 'CLOSE_CIRCUIT'] as const).filter(isAboutJobs)).toEqual([
    'CANCEL',
    'RETRY',
    'DELETE',
  ])
  expect(isDangerous('DELETE')).toBe(true)
  expect(isDangerous('RETRY')).toBe(false)
})
