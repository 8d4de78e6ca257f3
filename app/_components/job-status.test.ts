import { describe, expect, it, test } from 'vitest'
import {
  isChangeable,
  STATUSES,
  whyNotBulk,
  whyNotCancel,
  whyNotChange,
  whyNotDelete,
  whyNotRetry,
  whyNotSubmit,
} from './job-status'

type Job = Parameters<typeof whyNotCancel>[0]
const person = (role: 'VIEWER' | 'OPERATOR' | 'ADMIN' | null, systemAdmin = false) => ({
  userId: 'me',
  role,
  systemAdmin,
})
/** A job that this person has submitted. */
const mine = (status: Job['status'], more: Partial<Job> = {}): Job => ({
  status,
  cancelRequestedAt: null,
  submittedBy: { type: 'user', id: 'me' },
  ...more,
})
const others = (status: Job['status']) => mine(status, { submittedBy: { type: 'user', id: 'somebody else' } })
/** Ids of keys and of people are not compared with each other. */
const ofKey = (status: Job['status']) => mine(status, { submittedBy: { type: 'key', id: 'me' } })
const SYSTEM_ADMIN = person(null, true)

describe('who may do what', () => {
  it('admins may cancel any job that has not ended, operators their own, viewers none', () => {
    expect(whyNotCancel(others('RUNNING'), person('ADMIN'))).toBeNull()
    expect(whyNotCancel(others('RUNNING'), SYSTEM_ADMIN)).toBeNull()
    expect(whyNotCancel(mine('PENDING'), person('OPERATOR'))).toBeNull()
    expect(whyNotCancel(others('PENDING'), person('OPERATOR'))).toMatch(/^Operators cancel the jobs they submitted/)
    expect(whyNotCancel(ofKey('PENDING'), person('OPERATOR'))).toMatch(/^Operators cancel the jobs they submitted/)
    expect(whyNotCancel(mine('PENDING'), person('VIEWER'))).toMatch(/^Viewers can read jobs/)
  })

  it('a job that has ended, or is being canceled, gives the reason why it cannot be canceled', () => {
    for (const status of STATUSES) {
      const why = whyNotCancel(others(status), person('ADMIN'))
      if (status === 'COMPLETED' || status === 'CANCELED' || status === 'DEAD_LETTER') expect(why).toMatch(/ended/)
      else expect(why, status).toBeNull()
    }
    const canceling = mine('RUNNING', { cancelRequestedAt: '2026-01-01T00:00:00Z' })
    expect(whyNotCancel(canceling, person('ADMIN'))).toMatch(/requested/)
  })

  it('admins may retry jobs that failed, timed out, died or were canceled, and nobody else may', () => {
    for (const status of ['FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER'] as const) {
      expect(whyNotRetry(others(status), person('ADMIN')), status).toBeNull()
      expect(whyNotRetry(others(status), SYSTEM_ADMIN), status).toBeNull()
      expect(whyNotRetry(mine(status), person('OPERATOR')), status).toMatch(/Only admins .* "Run again"/)
      expect(whyNotRetry(mine(status), person('VIEWER')), status).toBe('Only admins of the organization retry jobs.')
    }
  })

  it('a job that is on its way or has completed gives the reason why it cannot be retried', () => {
    for (const status of ['PENDING', 'QUEUED', 'RUNNING'] as const)
      expect(whyNotRetry(mine(status), person('ADMIN')), status).toMatch(/on its way/)
    expect(whyNotRetry(mine('COMPLETED'), person('ADMIN'))).toMatch(/Run again/)
  })

  it('admins may change any waiting job, operators their own, viewers none', () => {
    expect(whyNotChange(others('PENDING'), person('ADMIN'))).toBeNull()
    expect(whyNotChange(mine('PENDING'), person('OPERATOR'))).toBeNull()
    expect(whyNotChange(others('PENDING'), person('OPERATOR'))).toMatch(/^Operators change the jobs they submitted/)
    expect(whyNotChange(ofKey('PENDING'), person('OPERATOR'))).toMatch(/^Operators change the jobs they submitted/)
    expect(whyNotChange(mine('PENDING'), person('VIEWER'))).toMatch(/^Viewers can read jobs/)
    expect(STATUSES.filter(isChangeable)).toEqual(['PENDING', 'FAILED', 'TIMED_OUT'])
  })

  it('operators may cancel many jobs at once, and only admins may retry or delete many', () => {
    for (const kind of ['cancel', 'retry', 'delete'] as const) {
      expect(whyNotBulk(kind, person('ADMIN')), kind).toBeNull()
      expect(whyNotBulk(kind, SYSTEM_ADMIN), kind).toBeNull()
      expect(whyNotBulk(kind, person('VIEWER')), kind).toMatch(/^Only admins/)
    }
    expect(whyNotBulk('cancel', person('OPERATOR'))).toBeNull()
    expect(whyNotBulk('retry', person('OPERATOR'))).toBe('Only admins of the organization retry many jobs at once.')
    expect(whyNotBulk('delete', person('OPERATOR'))).toBe('Only admins of the organization delete many jobs at once.')
  })
})

test.each([
  ['VIEWER', person('VIEWER'), false, false],
  ['OPERATOR', person('OPERATOR'), true, false],
  ['ADMIN', person('ADMIN'), true, true],
  ['system admin', SYSTEM_ADMIN, true, true],
] as const)('%s: whether they may submit jobs, and delete those that have ended', (_, who, submits, deletes) => {
  expect(whyNotSubmit(who)).toBe(
    submits ? null : 'Your role in this organization is viewer. Submitting needs the role operator.',
  )
  expect(whyNotDelete(who)).toBe(deletes ? null : 'Only admins of the organization delete jobs.')
})
