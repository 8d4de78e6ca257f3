import { expect, test } from 'vitest'
import type { RunningJob } from '@/app/_trpc/types'
import { lastSigns, sinceAskedWords, stuckWords } from './stuck-words'

const job = (over: Partial<RunningJob>) =>
  ({ stuck: null, elapsedSeconds: 754, p95Seconds: null, ...over }) as RunningJob

test('the words for a silent job tell how long it has been silent, and the usual duration where it is known', () => {
  const stuck = { reason: 'SILENT', quietSeconds: 320 } as const
  expect(stuckWords(job({ stuck }))).toBe('It has shown no progress and logged nothing for 5m 20s.')
  for (const [p95Seconds, shown] of [
    [0.2, '1 s'],
    [1.9, '2 s'],
    [9.9, '10 s'],
  ] as const)
    expect(stuckWords(job({ stuck, p95Seconds }))).toBe(
      `It has shown no progress and logged nothing for 5m 20s. 95 of 100 such jobs end within ${shown}.`,
    )
})

test('the words for a job that runs far longer than usual tell when it was last heard of', () => {
  expect(stuckWords(job({ stuck: { reason: 'OVER_USUAL', quietSeconds: 61 }, p95Seconds: 30 }))).toBe(
    'It has run for 12m 34s, and was last heard of 1m 01s ago. 95 of 100 such jobs end within 30 s.',
  )
})

test('the words for a job that has said nothing since its start do not tell twice how long it has run', () => {
  // It runs for 754 s, so it last spoke in its first second. That counts as its start.
  const stuck = { reason: 'OVER_USUAL', quietSeconds: 753 } as const
  expect(stuckWords(job({ stuck }))).toBe('It has run for 12m 34s, and has said nothing since its start.')
})

test('a stuck job that reported progress after its last log line shows both, the newer one first', () => {
  const lastLog = { at: '2030-01-01T10:00:00.000Z', level: 'INFO' as const, message: 'Connecting' }
  const progress = { progress: 40, progressMessage: 'page 4 of 10', lastProgressAt: '2030-01-01T11:54:00.000Z' }
  const texts = (over: Partial<RunningJob>) =>
    lastSigns(job({ lastLog: null, lastProgressAt: null, ...over })).map(({ text }) => text)
  expect(texts({ ...progress, lastLog })).toEqual(['40 %, page 4 of 10', 'Connecting'])
  expect(texts({ ...progress, lastLog: { ...lastLog, at: '2030-01-01T11:55:00.000Z' } })).toEqual(['Connecting'])
  expect(texts({ ...progress, progressMessage: null })).toEqual(['40 %'])
  expect(texts({})).toEqual([])
})

test('a job that does not look stuck is said nothing of', () => {
  expect(stuckWords(job({}))).toBe('')
})

test('the dialog that cancels a stuck job says what became of the job while it was open', () => {
  expect(sinceAskedWords('RUNNING')).toMatch(/^Its handler gets the signal to stop/)
  expect(sinceAskedWords('COMPLETED')).toBe('It has completed meanwhile, so there is nothing to cancel.')
  expect(sinceAskedWords('TIMED_OUT')).toBe(
    'It took too long and was ended meanwhile, and waits for another attempt. If you cancel it, there is none.',
  )
})
