import { expect, test } from 'vitest'
import { FaultRunner, faultsOn, requirePossible } from './faults'
import { Random } from './random'

/** Faults that do harm to a list, or fail. */
const faults = {
  'take the first': (list: string[]) => {
    const first = list.shift()
    return first === undefined ? Promise.reject(new Error('nothing is left')) : Promise.resolve(first)
  },
  'break off': () => Promise.reject(new Error('the door is locked')),
}
function runner(list: string[]) {
  const lines: string[] = []
  return { lines, faults: new FaultRunner(faults, list, new Random(1), Date.now(), (line) => lines.push(line)) }
}

test('a campaign of which every fault did harm has nothing to tell of its faults', async () => {
  const { faults: run, lines } = runner(['a', 'b'])
  run.begin('take the first')
  run.begin('take the first')
  await run.settled()
  expect(run.counts()).toEqual({ done: 2, failed: 0 })
  expect(run.finding()).toEqual({ property: 'every kind of fault did harm', violations: [] })
  expect(lines.map((line) => line.trim().replace(/^[\d.]+ s/, ''))).toEqual([
    '  take the first: a',
    '  take the first: b',
  ])
})

test('a fault that failed is not counted as done, and its kind is named where it never did harm', async () => {
  const { faults: run, lines } = runner(['a'])
  run.begin('take the first')
  run.begin('take the first')
  run.begin('break off')
  await run.settled()
  expect(run.counts()).toEqual({ done: 1, failed: 2 })
  expect(run.finding().violations).toEqual(['break off did none: the door is locked'])
  expect(lines.join('\n')).toContain('break off: failed: the door is locked')
})

test('a campaign in which no fault was begun does not pass', () => {
  expect(runner([]).faults.finding().violations).toEqual(['no fault was begun'])
})

test('a campaign on PostgreSQL alone refuses faults of Redis, and takes all others', () => {
  expect(() => requirePossible(['cut connections', 'restart Redis'], 'postgres')).toThrow(
    'a cluster with BullMQ on postgres cannot suffer this: restart Redis',
  )
  for (const backend of ['redis', 'postgres'] as const)
    expect(() => requirePossible(faultsOn(backend), backend)).not.toThrow()
  expect(faultsOn('redis')).toContain('freeze Redis')
  expect(faultsOn('postgres').join()).not.toContain('Redis')
})
