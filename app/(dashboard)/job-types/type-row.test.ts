import { describe, expect, test } from 'vitest'
import type { JobType, Pause, TypeMetrics } from '@/app/_trpc/types'
import { fitsSearch, limitOf, marksOf, needsLook, rowsOf, trendOf } from './type-row'

const NONE = { avg: null, p50: null, p95: null, p99: null }
const typeOf = (over: Partial<JobType> = {}): JobType => ({
  name: 'report.monthly',
  displayName: 'Monthly report',
  description: 'Draws a PDF',
  title: null,
  handler: 'report.operations',
  pool: 'default',
  parameterSchema: { type: 'object' },
  enabled: true,
  requiredRole: 'OPERATOR',
  timeoutSeconds: 300,
  priority: 'NORMAL',
  maxRetries: 5,
  backoffBaseSeconds: 60,
  backoffCapSeconds: 960,
  dedupeWindowSeconds: 300,
  rateLimit: null,
  concurrency: { global: null, perOrganization: null },
  retentionDays: 30,
  version: 1,
  ...over,
})
const figures = (over: Partial<TypeMetrics> = {}): TypeMetrics => ({
  jobType: 'report.monthly',
  submitted: 0,
  completed: 0,
  failed: 0,
  failureRate: null,
  waiting: 0,
  running: 0,
  wait: NONE,
  run: NONE,
  ...over,
})
const pause: Pause = {
  scope: 'jobType',
  jobType: 'report.monthly',
  organizationId: null,
  reason: null,
  pausedBy: { type: 'user', id: null, name: 'Dana' },
  pausedAt: '2026-11-29T10:00:00.000Z',
  auditId: null,
  used: true,
}
const rowOf = (
  type: Partial<JobType>,
  day?: Partial<TypeMetrics>,
  more: { paused?: boolean; circuits?: number; organizationId?: string } = {},
) =>
  rowsOf({
    types: [typeOf(type)],
    day: day && [figures(day)],
    week: undefined,
    span: undefined,
    waiting: undefined,
    pauses: more.paused ? [pause] : [],
    circuits: Array.from({ length: more.circuits ?? 0 }, () => ({ jobType: 'report.monthly' })),
    organizationId: more.organizationId,
  })[0]!

describe('the marks of a job type', () => {
  test('a job type without activity is idle, and one that works without faults is healthy', () => {
    expect(marksOf(rowOf({}))).toEqual(['idle'])
    expect(marksOf(rowOf({}, { completed: 3 }))).toEqual(['healthy'])
    expect(marksOf(rowOf({}, { waiting: 1 }))).toEqual(['healthy'])
  })

  test('a job type of which one of very few attempts failed is neither healthy nor failing, and one of many leaves it healthy', () => {
    const row = rowOf({}, { failed: 1, failureRate: 1 })
    expect([marksOf(row), needsLook(row)]).toEqual([['few'], false])
    expect(marksOf(rowOf({}, { completed: 40, failed: 1, failureRate: 1 / 41 }))).toEqual(['healthy'])
  })

  test('a job type shows everything that is wrong with it, the most urgent first', () => {
    const row = rowOf(
      { enabled: false, concurrency: { global: 0, perOrganization: null } },
      { completed: 5, failed: 5, failureRate: 0.5 },
      { paused: true, circuits: 2 },
    )
    expect(marksOf(row)).toEqual(['circuit', 'failing', 'paused', 'closed', 'disabled'])
  })

  test('a job type is not called failing after fewer than five attempts, nor when only a tenth of its attempts failed', () => {
    expect(marksOf(rowOf({}, { failed: 4, failureRate: 1 }))).toEqual(['few'])
    expect(marksOf(rowOf({}, { completed: 9, failed: 1, failureRate: 0.1 }))).toEqual(['healthy'])
    expect(marksOf(rowOf({}, { completed: 8, failed: 2, failureRate: 0.2 }))).toEqual(['failing'])
  })

  test('a job type is at its limit only while jobs of it wait', () => {
    const concurrency = { global: 2, perOrganization: null }
    expect(marksOf(rowOf({ concurrency }, { running: 2, waiting: 1 }))).toEqual(['limited'])
    expect(marksOf(rowOf({ concurrency }, { running: 2, waiting: 1 }, { organizationId: 'acme' }))).toEqual(['limited'])
    expect(marksOf(rowOf({ concurrency }, { running: 2 }))).toEqual(['healthy'])
    expect(marksOf(rowOf({ concurrency }, { running: 1, waiting: 4 }))).toEqual(['healthy'])
  })

  test('a job type that was disabled on purpose needs no look, but a paused one does', () => {
    expect(needsLook(rowOf({ enabled: false }))).toBe(false)
    expect(needsLook(rowOf({}, undefined, { paused: true }))).toBe(true)
    expect(needsLook(rowOf({}, { completed: 3 }))).toBe(false)
  })
})

test('the running jobs of one organization are compared with its own limit, and those of all organizations with the common limit', () => {
  const type = typeOf({ concurrency: { global: 10, perOrganization: 2 } })
  expect(limitOf(type, 'acme')).toEqual({ own: 2, shared: 10 })
  expect(limitOf(type, undefined)).toEqual({ own: 10, shared: null })
})

test('the rows are ordered by name, whatever the order of the data', () => {
  const rows = rowsOf({
    types: [typeOf({ name: 'b' }), typeOf({ name: 'a' })],
    day: [figures({ jobType: 'b', waiting: 7 })],
    week: undefined,
    span: undefined,
    waiting: undefined,
    pauses: undefined,
    circuits: undefined,
    organizationId: undefined,
  })
  expect(rows.map(({ type, day }) => [type.name, day?.waiting])).toEqual([
    ['a', undefined],
    ['b', 7],
  ])
})

test('the search looks for each of its words in names, descriptions and handlers', () => {
  const row = rowOf({})
  expect(['', 'month', 'MONTHLY pdf', 'report.operations'].map((search) => fitsSearch(row, search))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(fitsSearch(row, 'month daily')).toBe(false)
})

test('a figure counts as rising or falling only where it clearly differs from that of the week', () => {
  expect(trendOf(0.3, 0.1, 0.02)).toBe('up')
  expect(trendOf(0.1, 0.3, 0.02)).toBe('down')
  expect(trendOf(0.11, 0.1, 0.02)).toBeNull()
  expect(trendOf(10.5, 10, 0.05)).toBeNull()
  expect(trendOf(null, 0.1, 0.02)).toBeNull()
  expect(trendOf(0.1, undefined, 0.02)).toBeNull()
})
