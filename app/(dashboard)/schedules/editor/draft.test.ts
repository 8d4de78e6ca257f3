import { expect, it } from 'vitest'
import type { Schedule } from '@/app/_trpc/types'
import { blank, changedSettings, draftOf, readDraft } from './draft'

const typed = { ...blank(), name: 'Nightly', jobType: 'export.jobs', timeZone: 'UTC' }

it('the form of a schedule sends what was typed, in the form of the API', () => {
  expect(
    readDraft({ ...typed, missed: 'all', maxMissedRuns: ' 5 ', jitter: '60', startAt: '2026-12-01T08:00' }),
  ).toEqual({
    settings: {
      name: 'Nightly',
      jobType: 'export.jobs',
      cron: '0 9 * * 1-5',
      timeZone: 'UTC',
      priority: null,
      missed: { all: 5 },
      overlap: 'allow',
      jitterSeconds: 60,
      startAt: new Date('2026-12-01T08:00').toISOString(),
      endAt: null,
    },
    problems: {},
  })
})

it('the form of a schedule tells each mistake at its field', () => {
  const { problems } = readDraft({
    ...typed,
    name: ' ',
    cron: '',
    missed: 'all',
    maxMissedRuns: '0',
    jitter: 'x',
    endAt: 'soon',
  })
  expect(Object.keys(problems).sort()).toEqual(['cron', 'endAt', 'jitterSeconds', 'missed', 'name'])
})

it('of a changed schedule only what was changed is sent, so that the seconds of its start and end stay', () => {
  const before = draftOf({
    ...readDraft(typed).settings,
    startAt: '2026-12-01T10:00:30.000Z',
    endAt: '2026-12-31T23:59:59.999Z',
  } as unknown as Schedule)
  expect(changedSettings(before, readDraft(before).settings)).toEqual({})
  expect(changedSettings(before, readDraft({ ...before, name: 'Weekly' }).settings)).toEqual({ name: 'Weekly' })
  expect(changedSettings(before, readDraft({ ...before, endAt: '' }).settings)).toEqual({ endAt: null })
  expect(changedSettings(before, readDraft({ ...before, missed: 'all' }).settings)).toEqual({ missed: { all: 10 } })
})

it('a schedule that is opened and saved unchanged stays the same', () => {
  const { settings } = readDraft({ ...typed, missed: 'all', maxMissedRuns: '5', startAt: '2026-12-01T08:00' })
  expect(readDraft(draftOf(settings as unknown as Schedule)).settings).toEqual(settings)
})
