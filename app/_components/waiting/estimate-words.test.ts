import { expect, test } from 'vitest'
import { whatDecides, spanWords } from './estimate-words'

test.each([
  [0, 'under a minute'],
  [59, 'under a minute'],
  [61, 'about 1 min'],
  [1_860, 'about 31 min'],
  [3_600, 'about 1 h'],
  [7_750, 'about 2 h 10 min'],
  [86_000, 'about 23 h 50 min'],
  [90_000, 'about a day'],
  [260_000, 'about 3 days'],
])('%i seconds are shown as %s', (seconds, words) => expect(spanWords(seconds)).toBe(words))

test.each([
  ['slots', null, 8, 'the 8 slots decide'],
  ['slots', null, 1, 'the only slot decides'],
  ['organization', null, 1_000, 'the organization’s limit of 1,000 decides'],
  ['jobType', 'report.monthly', 2, 'report.monthly’s limit of 2 decides'],
  ['jobTypeInOrganization', 'a', 2, 'a’s limit of 2 in an organization decides'],
  ['time', null, null, 'the time that they are planned for decides'],
] as const)('an estimate that is decided by %s says so', (of, jobType, limit, words) =>
  expect(whatDecides({ seconds: 1_860, limitedBy: { of, jobType, limit } })).toBe(words),
)
