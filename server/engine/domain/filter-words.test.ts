import { expect, test } from 'vitest'
import { jobFilterFields } from './job-filter'
import { filterInWords } from './filter-words'

test('a filter is told in words, one condition after another', () => {
  expect(
    filterInWords({
      organizationId: 'o',
      status: ['FAILED', 'DEAD_LETTER'],
      jobType: ['report.monthly'],
      priority: ['HIGH'],
      search: 'acme',
      args: [{ path: 'customer.id', value: 'C-7' }],
      waitingLongerThanSeconds: 3_600,
      createdAfter: '2026-01-31T08:00:00.000Z',
    }),
  ).toBe(
    'status failed or dead letter, type report.monthly, priority high, search “acme”, customer.id is "C-7", waiting for over 1 hour, submitted since 2026-01-31 08:00 UTC',
  )
})

test('a filter without a condition means all jobs, and an empty list is no condition', () => {
  expect(filterInWords({})).toBe('all jobs')
  expect(filterInWords({ status: [], organizationId: 'o' })).toBe('all jobs')
})

test('each of several values for one place is told', () => {
  expect(filterInWords({ args: [{ path: 'order.id', values: [4711, '4711'] }] })).toBe('order.id is 4711 or "4711"')
})

test('a duration is told in the largest unit that is exact', () => {
  const words = (waitingLongerThanSeconds: number) => filterInWords({ waitingLongerThanSeconds })
  expect(words(90)).toBe('waiting for over 90 seconds')
  expect(words(120)).toBe('waiting for over 2 minutes')
  expect(words(172_800)).toBe('waiting for over 2 days')
})

test('every condition of the filter has words, and one that is not known is named', () => {
  const lists: Record<string, unknown> = {
    status: ['FAILED'],
    jobType: ['a.b'],
    priority: ['LOW'],
    args: [{ path: 'a', value: 1 }],
    waitingLongerThanSeconds: 60,
    waitingFor: ['PAUSED'],
  }
  for (const field of Object.keys(jobFilterFields)) {
    if (field === 'organizationId') continue
    const words = filterInWords({ [field]: lists[field] ?? '2026-01-01T00:00:00Z' })
    // A condition without words of its own would be told by the field's name and the value as JSON.
    expect(words, field).not.toMatch(new RegExp(`^${field} ["[\\d]`))
  }
  expect(filterInWords({ later: 'x' } as never)).toBe('later "x"')
})
