import { expect, test } from 'vitest'
import { estimateChange } from './estimate-change'

const answer = (minutes: number | null, total = 776, limit = 2) => ({
  total,
  estimate:
    minutes === null
      ? null
      : { seconds: minutes * 60, limitedBy: { of: 'jobType' as const, jobType: 'report.monthly', limit } },
})

test.each([
  [
    'no job waits',
    answer(null, 0),
    answer(null, 0),
    'No job of this type waits, so another limit changes nothing now.',
  ],
  [
    'a higher limit helps',
    answer(31),
    answer(8, 776, 8),
    'The 776 jobs that wait take about 31 min. With this limit: about 8 min; report.monthly’s limit of 8 decides.',
  ],
  [
    'it makes no difference',
    answer(31),
    answer(31),
    'The 776 jobs that wait take about 31 min with this limit; report.monthly’s limit of 2 decides.',
  ],
  [
    'nothing would run any more',
    answer(31, 1),
    answer(null, 1),
    'The job that waits takes about 31 min now. With this limit it does not go on.',
  ],
  [
    'the present limit gives no estimate',
    answer(null),
    answer(8),
    'The 776 jobs that wait take about 8 min with this limit; report.monthly’s limit of 2 decides.',
  ],
])('where %s, the limit’s editor tells what changes', (_, today, then, words) =>
  expect(estimateChange(today, then)).toBe(words),
)

test('where nothing is known, the editor of the limit tells why', () => {
  expect(estimateChange(answer(null), answer(null))).toMatch(
    /^776 jobs wait\. How long is not known: none of this type/,
  )
})
