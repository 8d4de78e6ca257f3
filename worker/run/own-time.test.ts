import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { OwnTime } from './own-time'

test('a hundred runs that take turns within one turn of the event loop each count with a hundredth of its time', async () => {
  let now = 0
  const times = new OwnTime(() => now)
  const run = async () => {
    const ownTime = times.begin()
    await Promise.resolve()
    now += 0.2
    await Promise.resolve()
    return ownTime()
  }
  // Each sees 20 ms pass from its beginning to its end.
  const all = await Promise.all(Array.from({ length: 100 }, run))
  expect(Math.min(...all)).toBeCloseTo(0.2)
  expect(Math.max(...all)).toBeCloseTo(0.2)
})

test('a run that waits for something counts with all of its time, however many run beside it', async () => {
  const times = new OwnTime()
  const run = async () => {
    const ownTime = times.begin()
    await sleep(30)
    return ownTime()
  }
  const all = await Promise.all(Array.from({ length: 50 }, run))
  expect(Math.min(...all)).toBeGreaterThan(25)
})

test('a run that is alone in its turn of the event loop counts with all of its time, also after a turn with many', async () => {
  let now = 0
  const times = new OwnTime(() => now)
  for (let n = 0; n < 10; n++) times.begin()
  await nextTurn()
  const ownTime = times.begin()
  now = 7
  expect(ownTime()).toBe(7)
})
