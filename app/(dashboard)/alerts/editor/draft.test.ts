import { expect, test } from 'vitest'
import type { AlertRule } from '@/app/_trpc/types'
import { alertCondition } from '@/server/engine/domain/alerts/conditions'
import { blank, draftOf, readDraft, optionsWith } from './draft'

const waiting = (seconds: number): AlertRule =>
  ({
    name: 'Reports wait',
    condition: { kind: 'OLDEST_WAITING', seconds },
    targets: [{ type: 'mail', to: ['oncall@example.com'] }],
    quietHours: null,
  }) as unknown as AlertRule

// The form shows minutes, and not all of these are whole ones. The first and the last are the bounds of the API.
test.each([1, 100, 7_201, 900, 2_592_000])(
  'a rule of %d seconds that an admin opens and saves keeps its seconds',
  (seconds) => {
    const { settings, problems } = readDraft(draftOf(waiting(seconds)))
    expect(problems).toEqual({})
    expect(settings.condition).toEqual({ kind: 'OLDEST_WAITING', seconds })
  },
)

test('100 seconds are shown as 1.67 minutes, and what an admin types in their place is sent', () => {
  const draft = draftOf(waiting(100))
  expect(draft.waitMinutes).toBe('1.67')
  expect(readDraft({ ...draft, waitMinutes: '2.5' }).settings.condition).toMatchObject({ seconds: 150 })
})

test.each([
  ['percent', { kind: 'FAILURE_RATE', percent: '100' }],
  ['minutes', { kind: 'FAILURE_RATE', minutes: '4' }],
  ['atLeast', { kind: 'FAILURE_RATE', atLeast: '0' }],
  ['seconds', { kind: 'OLDEST_WAITING', waitMinutes: '43201' }],
] as const)('the form refuses a number out of bounds in %s, as the API does', (field, typed) => {
  const { settings, problems } = readDraft({ ...blank(), name: 'Reports', ...typed })
  expect(Object.keys(problems)).toContain(`condition.${field}`)
  expect(alertCondition.safeParse(settings.condition).success).toBe(false)
})

test('quiet hours without a beginning or an end are a problem of that field, and those that end when they begin are one of both', () => {
  const problemsOf = (change: { from?: string; to?: string }) =>
    Object.keys(
      readDraft({ ...blank(), name: 'Failures', targets: [{ type: 'mail', value: 'a@b.c' }], quiet: true, ...change })
        .problems,
    )
  expect(problemsOf({})).toEqual([])
  expect(problemsOf({ from: '' })).toEqual(['quietHours.from'])
  expect(problemsOf({ to: '' })).toEqual(['quietHours.to'])
  expect(problemsOf({ from: '', to: '' })).toEqual(['quietHours.from', 'quietHours.to'])
  expect(problemsOf({ from: '07:00', to: '07:00' })).toEqual(['quietHours'])
})

test('the form of a rule offers what the rule has or began with, also where that job type or pool is gone or not read yet', () => {
  const known = [{ value: 'report.monthly', label: 'Report (report.monthly)' }]
  const strange = 'not among the job types here'
  const gone = { value: 'report.daily', label: 'report.daily, not among the job types here' }
  expect(optionsWith(['report.monthly', 'report.monthly'], known, strange)).toEqual(known)
  expect(optionsWith(['', ''], known, strange)).toEqual(known)
  expect(optionsWith(['report.daily', 'report.daily'], known, strange)).toEqual([gone, ...known])
  // Somebody has chosen another one since, and can go back.
  expect(optionsWith(['report.monthly', 'report.daily'], known, strange)).toEqual([gone, ...known])
  expect(optionsWith(['', 'report.daily'], known, strange)).toEqual([gone, ...known])
  expect(optionsWith(['report.daily', ''], undefined, strange)).toEqual([
    { value: 'report.daily', label: 'report.daily' },
  ])
})
