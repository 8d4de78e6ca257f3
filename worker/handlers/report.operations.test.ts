import { extractText, getDocumentProxy } from 'unpdf'
import { expect, test } from 'vitest'
import type { OrganizationReport } from '@jobyard/handler'
import { linesOf } from './report/lines'
import { share } from './report/format'
import { periodOf } from './report/period'
import report from './report.operations'
import { recordingContext } from '@/worker/handler/recording'

const day = (n: number) => new Date(Date.UTC(2026, 0, n))
const EMPTY: OrganizationReport = {
  byStatus: [],
  byType: [],
  timeline: [],
  topErrors: [],
  otherErrors: { causes: 0, count: 0 },
}
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
    'All types',
    'Times are in UTC',
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
  expect(text).toContain('No attempt ended in this period.')
})

test('a report with 90 job types runs over several pages, and the last one says how many there are', async () => {
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
  const period = periodOf(given, now, 'UTC')
  expect({ ...period, from: period.from.toISOString(), to: period.to.toISOString() }).toMatchObject({
    from,
    to,
    firstDay,
    lastDay,
  })
})

test.each([{ from: '2026-03-11' }, { from: '2026-03-05', to: '2026-03-04' }, { from: '2020-01-01' }])(
  'a report on %j fails for good, without a retry',
  (given) => {
    expect(() => periodOf(given, now, 'UTC')).toThrow(expect.objectContaining({ name: 'PermanentError' }))
  },
)

const later = new Date('2026-06-01')
test.each([
  ['its 366 days are whole', { from: '2024-01-01', to: '2024-12-31' }],
  ['it begins and ends at the same hour 366 days later', { from: '2024-01-01T10:00:00Z', to: '2025-01-01T10:00:00Z' }],
])('a report is made where %s', (_, given) => {
  expect(() => periodOf(given, later, 'UTC')).not.toThrow()
})
test.each([
  ['it covers 367 whole days', { from: '2024-01-01', to: '2025-01-01' }],
  ['it ends a minute too late', { from: '2024-01-01T10:00:00Z', to: '2025-01-01T10:01:00Z' }],
])('a report is refused where %s', (_, given) => {
  expect(() => periodOf(given, later, 'UTC')).toThrow('at most 366 days')
})

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

test('names and messages in Chinese, Japanese, Korean, Arabic and Hebrew are written with letters of theirs', async () => {
  const words = ['株式会社', 'アクメ', '한국지사', 'שגיאה', 'Привет', 'Łódź']
  const { text, file } = await make(
    {
      ...FULL,
      topErrors: words.map((message) => ({ jobType: 'a', message: `${message} ก → x`, count: 1, lastSeenAt: day(1) })),
    },
    'شركة الاختبار',
  )
  for (const word of words) expect(text.normalize('NFKC')).toContain(word)
  expect(text, 'what no font has is written as its code').toContain('\\u{E01} -> x')
  const pdf = file.bytes.toString('latin1')
  for (const font of ['Roboto', 'NotoSansSC', 'NotoSansKR', 'NotoSansArabic', 'NotoSansHebrew'])
    expect(pdf).toContain(`+${font}`)
})

const shown = (text: string, width = Infinity) =>
  linesOf(text, width, { fontSize: 10 }).lines.map(({ runs }) => runs.map((run) => run.text).join(''))

test('words that are read from right to left stand on paper in that order, and others as they are written', () => {
  expect(shown('שלום עולם')).toEqual(['עולם שלום'])
  expect(shown('timeout: שלום עולם at 10:00')).toEqual(['timeout: עולם שלום at 10:00'])
  expect(shown('שגיאה 42 (מסד).'), 'numbers keep their order, brackets and full stops change sides').toEqual([
    '.(מסד) 42 שגיאה',
  ])
  expect(shown('plain text')).toEqual(['plain text'])
})

test('a long text in Arabic begins on its first line', () => {
  const lines = shown('تعذر الاتصال بخادم قاعدة البيانات لأن الشبكة غير متاحة', 100)
  expect(lines.length).toBeGreaterThan(2)
  expect(lines[0]).toMatch(/الاتصال تعذر$/)
  expect(lines.at(-1)).toBe('متاحة')
})

test('a line breaks between words, a long name breaks at its dots, and a text with neither breaks anywhere', () => {
  expect(shown('connect to 10.0.0.1 failed', 60)).toEqual(['connect to', '10.0.0.1', 'failed'])
  expect(shown('reporting.quarterly-close.balances', 60)).toEqual(['reporting.', 'quarterly-', 'close.', 'balances'])
  expect(shown('无法连接到数据库服务器，因为网络不可用。', 100)).toEqual([
    '无法连接到数据库服务',
    '器，因为网络不可用。',
  ])
  expect(shown('y'.repeat(100), 60).join('')).toBe('y'.repeat(100))
  expect(shown('a'.repeat(30) + ' b', 1_000)).toHaveLength(1)
})

test('an emoji of several parts is one letter on paper', () => {
  expect(linesOf('ok ✅ 👩‍👩‍👧', 1_000, { fontSize: 10 }).lines[0]!.runs).toEqual([
    { text: 'ok ', font: 'Roboto' },
    { text: '✅', font: 'Emoji' },
    { text: ' ', font: 'Roboto' },
    { text: '👩‍👩‍👧', font: 'Emoji' },
  ])
})

test('nothing runs out of the page, whatever names and messages are made of', async () => {
  const messages = [
    'ไม่สามารถเชื่อมต่อฐานข้อมูลได้ในขณะนี้',
    'م'.repeat(200),
    'y'.repeat(220),
    '无法连接'.repeat(50),
    '😀'.repeat(90),
  ]
  const jobType = 'w'.repeat(100)
  const { recording } = await make(
    {
      ...FULL,
      byType: [{ ...FULL.byType[0]!, jobType }],
      topErrors: messages.map((message) => ({ jobType, message, count: 1, lastSeenAt: day(1) })),
    },
    'ш'.repeat(120),
  )
  const [file] = recording.files.values()
  const pdf = await getDocumentProxy(new Uint8Array(file!.bytes))
  for (let n = 1; n <= pdf.numPages; n++) {
    const page = await pdf.getPage(n)
    // The right margin, less a point for what rounding adds.
    const right = page.view[2]! - 43
    const { items } = await page.getTextContent()
    const outside = items.flatMap((item) =>
      'str' in item && item.transform[4] + item.width > right ? [[item.str, item.transform[4] + item.width]] : [],
    )
    expect(outside, `page ${n}`).toEqual([])
  }
})

test.each([
  ['Europe/Berlin', '2026-03-29', '2026-03-30', '2026-03-28T23:00:00.000Z', '2026-03-30T22:00:00.000Z', 2],
  ['Asia/Kolkata', '2026-01-01', '2026-01-31', '2025-12-31T18:30:00.000Z', '2026-01-31T18:30:00.000Z', 31],
])('in %s a report from %s to %s covers whole days of that zone', (zone, from, to, begins, ends, days) => {
  const period = periodOf({ from, to }, new Date('2026-12-01'), zone)
  expect([period.from.toISOString(), period.to.toISOString()]).toEqual([begins, ends])
  expect([period.firstDay, period.lastDay]).toEqual([from, to])
  // The two days in Berlin are counted by hours. They have 47, because summer time begins.
  expect(period.starts).toHaveLength(period.unit === 'day' ? days : 47)
})

test('the table of sixty job types repeats its head on every page', async () => {
  const many = Array.from({ length: 60 }, (_, n) => ({ ...FULL.byType[0]!, jobType: `type-${n}` }))
  const { recording } = await make({ ...FULL, byType: many })
  const file = [...recording.files.values()][0]!
  const pages = (await extractText(await getDocumentProxy(new Uint8Array(file.bytes)))).text
  const withRows = pages.filter((page) => /type-\d+/.test(page))
  expect(withRows.length).toBeGreaterThan(1)
  for (const page of withRows) expect(page).toContain('95 % within')
})

test('the heading of the errors is never alone at the foot of a page', async () => {
  // With one of these numbers of rows above it, the heading comes to the foot of the page.
  for (let types = 24; types <= 32; types++) {
    const byType = Array.from({ length: types }, (_, n) => ({ ...FULL.byType[0]!, jobType: `type-${n}` }))
    const { file } = await make({ ...FULL, byType })
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(file.bytes)))
    expect(
      text.find((page) => page.includes('Top errors')),
      `${types} types`,
    ).toContain('ECONNREFUSED')
  }
})

test('where there are very many job types, those with the most jobs have a row each, and the others share one', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({ ...FULL.byType[0]!, jobType: `type-${n}`, total: 10 }))
  const { text, totalPages } = await make({ ...FULL, byType: many })
  expect(text).toContain('4,900 other types')
  expect(text).toContain('49,000')
  expect(text).toContain('All types')
  expect(text).toContain('50,000')
  expect(totalPages).toBeLessThan(12)
})

test('the summary fits on the first page with the longest name, every status and every sentence', async () => {
  const statuses = ['COMPLETED', 'PENDING', 'QUEUED', 'RUNNING', 'FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER']
  const topErrors = [{ ...FULL.topErrors[0]!, jobType: 'x'.repeat(100), count: 123_456_789 }]
  const { recording } = await make(
    { ...FULL, topErrors, byStatus: statuses.map((status) => ({ status, count: 123_456_789 })) },
    'Wide Company '.repeat(20),
  )
  const file = [...recording.files.values()][0]!
  const pages = (await extractText(await getDocumentProxy(new Uint8Array(file.bytes)))).text
  expect(pages[0]).toContain('Where these jobs stand')
  expect(pages[1]).toContain('By job type')
})
