import { extractText, getDocumentProxy } from 'unpdf'
import { expect, test } from 'vitest'
import type { OrganizationReport } from '@jobyard/handler'
import { share } from './report/format'
import { periodOf } from './report/period'
import report from './report.operations'
import { recordingContext } from '@/worker/handler/recording'

const day = (n: number) => new Date(Date.UTC(2026, 0, n))
const EMPTY: OrganizationReport = { byStatus: [], byType: [], timeline: [], bucketSeconds: 86_400, topErrors: [] }
const FULL: OrganizationReport = {
  ...EMPTY,
  byStatus: [
    { status: 'COMPLETED', count: 1234 },
    { status: 'DEAD_LETTER', count: 7 },
  ],
  byType: [
    { jobType: 'orders.sync', total: 1241, completed: 1234, failed: 7, avgRunSeconds: 0.25, p95RunSeconds: 75 },
    { jobType: 'x'.repeat(100), total: 0, completed: 0, failed: 0, avgRunSeconds: null, p95RunSeconds: null },
  ],
  timeline: [1, 2, 3].map((n) => ({ at: day(n), completed: 400 + n, failed: n })),
  topErrors: [
    {
      jobType: 'orders.sync',
      message: `connect ECONNREFUSED\u0000\n${'y'.repeat(3000)}`,
      count: 6,
      lastSeenAt: day(3),
    },
  ],
}

async function make(given: OrganizationReport, organizationName?: string) {
  const recording = recordingContext({ organizationName, data: { report: () => Promise.resolve(given) } })
  const result = await report.run({ from: '2026-01-01', to: '2026-01-03' }, recording.ctx)
  const file = recording.files.get('operations-2026-01-01-2026-01-03.pdf')
  if (!file) throw new Error('no PDF')
  const pdf = await getDocumentProxy(new Uint8Array(file.bytes))
  const { text, totalPages } = await extractText(pdf, { mergePages: true })
  return { recording, result, file, text, totalPages }
}

test('a report opens as PDF and says what happened', async () => {
  const { recording, result, file, text, totalPages } = await make(FULL, 'Acme Robotics')
  expect(file.contentType).toBe('application/pdf')
  expect(result).toMatchObject({ pages: totalPages, jobs: 1241 })
  expect(totalPages).toBe(2)
  for (const words of [
    'Acme Robotics',
    '1 – 3 January 2026',
    '1,241',
    '99.4 %',
    'orders.sync',
    '1 min 15 s',
    'ECONNREFUSED',
    'Page 2 of 2',
  ]) {
    expect(text).toContain(words)
  }
  const percents = recording.progress.map(([percent]) => percent)
  expect(percents).toEqual([...percents].sort((a, b) => a - b))
})

test('a period without jobs makes a report of one page that says so', async () => {
  const { text, totalPages } = await make(EMPTY)
  expect(totalPages).toBe(1)
  expect(text).toContain('No jobs were submitted in this period.')
})

test('a report with 90 job types runs over several pages, each with its number', async () => {
  const many = Array.from({ length: 90 }, (_, n) => ({ ...FULL.byType[0]!, jobType: `type-${n}` }))
  const { totalPages, text } = await make({ ...FULL, byType: many })
  expect(totalPages).toBeGreaterThan(3)
  expect(text).toContain(`Page ${totalPages} of ${totalPages}`)
})

test('a report that is canceled stores no file', async () => {
  const recording = recordingContext({
    data: {
      report: () => {
        recording.cancel(new Error('canceled'))
        return Promise.resolve(FULL)
      },
    },
  })
  await expect(report.run({}, recording.ctx)).rejects.toThrow('canceled')
  expect(recording.files.size).toBe(0)
})

const now = new Date('2026-03-10T15:30:00Z')
test.each([
  [{}, '2026-03-04T00:00:00.000Z', '2026-03-10T15:30:00.000Z', '2026-03-04', '2026-03-10'],
  [{ to: '2026-03-05' }, '2026-02-27T00:00:00.000Z', '2026-03-06T00:00:00.000Z', '2026-02-27', '2026-03-05'],
  [{ from: '2026-03-10' }, '2026-03-10T00:00:00.000Z', '2026-03-10T15:30:00.000Z', '2026-03-10', '2026-03-10'],
  [
    { from: '2026-03-01T08:00:00+02:00', to: '2026-12-31' },
    '2026-03-01T06:00:00.000Z',
    '2026-03-10T15:30:00.000Z',
    '2026-03-01',
    '2026-03-10',
  ],
])('a report on %j covers these days', (given, from, to, firstDay, lastDay) => {
  const period = periodOf(given, now)
  expect({ ...period, from: period.from.toISOString(), to: period.to.toISOString() }).toEqual({
    from,
    to,
    firstDay,
    lastDay,
  })
})

test.each([{ from: '2026-03-11' }, { from: '2026-03-05', to: '2026-03-04' }, { from: '2020-01-01' }])(
  'a report on %j fails for good, without a retry',
  (given) => {
    expect(() => periodOf(given, now)).toThrow(expect.objectContaining({ name: 'PermanentError' }))
  },
)

test('a share is never rounded to all or to nothing', () => {
  expect([share(9999, 10_000), share(1, 10_000), share(10, 10), share(0, 10), share(1, 3), share(0, 0)]).toEqual([
    '> 99.9 %',
    '< 0.1 %',
    '100 %',
    '0 %',
    '33.3 %',
    '–',
  ])
})
