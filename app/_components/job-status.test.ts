import { describe, expect, it } from 'vitest'
import { whyNotCancel, whyNotRetry, whyNotSubmit } from './job-status'

const viewer = (role: 'VIEWER' | 'OPERATOR' | 'ADMIN' | null, systemAdmin = false) => ({
  userId: 'me',
  role,
  systemAdmin,
})
const job = (
  status: Parameters<typeof whyNotCancel>[0]['status'],
  by = 'me',
  cancelRequestedAt: string | null = null,
) => ({
  status,
  cancelRequestedAt,
  submittedBy: { type: 'user', id: by },
})

describe('who may do what', () => {
  it('admins may cancel any job that has not ended, operators their own, viewers none', () => {
    expect(whyNotCancel(job('RUNNING', 'other'), viewer('ADMIN'))).toBeNull()
    expect(whyNotCancel(job('RUNNING', 'other'), viewer(null, true))).toBeNull()
    expect(whyNotCancel(job('PENDING'), viewer('OPERATOR'))).toBeNull()
    expect(whyNotCancel(job('PENDING', 'other'), viewer('OPERATOR'))).toMatch(/admin/)
    expect(whyNotCancel(job('PENDING'), viewer('VIEWER'))).toMatch(/admin/)
  })
  it('a job that has ended, or is being canceled, gives the reason why it cannot be canceled', () => {
    expect(whyNotCancel(job('COMPLETED'), viewer('ADMIN'))).toMatch(/ended/)
    expect(whyNotCancel(job('RUNNING', 'me', '2026-01-01T00:00:00Z'), viewer('ADMIN'))).toMatch(/requested/)
  })
  it('admins may retry jobs that failed or were canceled', () => {
    expect(whyNotRetry(job('DEAD_LETTER'), viewer('ADMIN'))).toBeNull()
    expect(whyNotRetry(job('FAILED'), viewer('ADMIN'))).toBeNull()
    expect(whyNotRetry(job('DEAD_LETTER'), viewer('OPERATOR'))).toMatch(/admins/)
    expect(whyNotRetry(job('RUNNING'), viewer('ADMIN'))).toMatch(/on its way/)
    expect(whyNotRetry(job('COMPLETED'), viewer('ADMIN'))).toMatch(/Run again/)
  })
  it('operators and admins may submit, viewers may not', () => {
    expect(whyNotSubmit(viewer('VIEWER'))).toMatch(/viewer/)
    expect(whyNotSubmit(viewer('OPERATOR'))).toBeNull()
  })
})
