import { expect, test } from 'vitest'
import type { RunningJob, Worker } from '@/app/_trpc/types'
import { byPools, levelOf, ordered, slotsOf } from './worker-order'

const job = (over: Partial<RunningJob>) =>
  ({ queue: 'ISOLATED', stuck: null, elapsedSeconds: 10, p95Seconds: 10, ...over }) as RunningJob
const stuck = job({ stuck: { reason: 'SILENT', quietSeconds: 200 } })
const worker = (id: string, over: Partial<Worker> = {}) =>
  ({
    id,
    state: 'ALIVE',
    running: [],
    slots: { isolated: 4, inline: 100 },
    busy: { isolated: 0, inline: 0 },
    ...over,
  }) as unknown as Worker

test('a run is usual up to the p95, long up to three times the p95, and over beyond that or when it looks stuck', () => {
  expect(levelOf(job({}))).toBe('USUAL')
  expect(levelOf(job({ elapsedSeconds: 10.1 }))).toBe('LONG')
  expect(levelOf(job({ elapsedSeconds: 30.1 }))).toBe('OVER')
  expect(levelOf(job({ p95Seconds: null, elapsedSeconds: 1e6 }))).toBe('UNKNOWN')
  expect(levelOf(stuck)).toBe('OVER')
})

test('the chosen worker comes first, then those with a stuck job, then those that drain, and workers that are gone are listed separately', () => {
  const { here, gone } = ordered(
    [
      worker('a'),
      worker('b', { state: 'STOPPED' }),
      worker('c', { state: 'DRAINING' }),
      worker('d', { running: [stuck] }),
      worker('e', { state: 'LOST' }),
    ],
    null,
  )
  expect(here.map(({ id }) => id)).toEqual(['d', 'c', 'a'])
  expect(gone.map(({ id }) => id)).toEqual(['b', 'e'])
  expect(ordered([worker('a'), worker('d', { running: [stuck] })], 'a').here[0]!.id).toBe('a')
})

test('slots that jobs of others take count as taken, and their number is never negative', () => {
  const busy = { isolated: 3, inline: 2 }
  expect(slotsOf(worker('a', { busy, running: [job({})] }), 'ISOLATED')).toMatchObject({ others: 2, free: 1, busy: 3 })
  expect(slotsOf(worker('a', { busy }), 'INLINE')).toMatchObject({ others: 2, free: 98, jobs: [] })
  // The two parts of an answer may be from different moments, so that more jobs are listed than slots are taken.
  const late = worker('a', { running: [job({}), job({})], busy: { isolated: 1, inline: 0 } })
  expect(slotsOf(late, 'ISOLATED').others).toBe(0)
})

test('workers stand together with those that take the same pools, and those that take every pool come first', () => {
  const groups = byPools([
    worker('a', { pools: ['reports'] }),
    worker('b', { pools: null }),
    worker('c', { pools: ['default', 'reports'] }),
    worker('d', { pools: ['reports'] }),
  ])
  expect(groups.map(({ title, workers }) => [title, ...workers.map(({ id }) => id)])).toEqual([
    ['Every pool', 'b'],
    ['Pool reports', 'a', 'd'],
    ['Pools default, reports', 'c'],
  ])
})
