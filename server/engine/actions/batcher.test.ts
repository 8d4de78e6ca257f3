import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Batcher } from './batcher'

// The tests move the clock, because milliseconds decide which items go together.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const sleep = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** A batcher whose calls end when the test says so. */
function held(options: { maxItems: number; maxCalls: number; spacingMs?: number }) {
  const calls: { items: number[]; end: (error?: Error) => void }[] = []
  const batcher = new Batcher<number, number>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) =>
        calls.push({ items, end: (error) => (error ? reject(error) : resolve(items.map((n) => n * 2))) }),
      ),
  })
  const turn = () => sleep(5)
  return { calls, turn, add: (...items: number[]) => items.map((item) => batcher.add(item)) }
}

test('the first item goes at once, items that come meanwhile go together, and each gets its own answer', async () => {
  const { calls, add, turn } = held({ maxItems: 10, maxCalls: 2 })
  const first = add(1)
  await turn()
  const rest = add(2, 3, 4)
  await turn()
  expect(calls.map(({ items }) => items)).toEqual([[1]])
  calls[0]!.end()
  await turn()
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3, 4]])
  calls[1]!.end()
  expect(await Promise.all([...first, ...rest])).toEqual([2, 4, 6, 8])
})

test('a full batch starts beside one that runs, and never more batches run than are allowed', async () => {
  const { calls, add, turn } = held({ maxItems: 2, maxCalls: 2 })
  void add(1)
  await turn()
  void add(2, 3, 4, 5, 6)
  await turn()
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]])
  calls[0]!.end()
  await turn()
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3], [4, 5]])
})

test('items that gathered beside a slow call do not wait for its end', async () => {
  const { calls, add } = held({ maxItems: 10, maxCalls: 2 })
  void add(1)
  await sleep(5)
  const late = add(2)
  // 49 ms after the first call began. After 50 ms the next one starts beside it.
  await sleep(44)
  expect(calls).toHaveLength(1)
  await sleep(2)
  expect(calls).toHaveLength(2)
  calls[1]!.end()
  expect(await Promise.all(late)).toEqual([4])
})

/** A batcher whose calls end at once. `calls` records what they carried and when they began. */
function quick(spacingMs: number) {
  const calls: { items: number[]; at: number }[] = []
  const run = (items: number[]) => {
    calls.push({ items, at: performance.now() })
    return Promise.resolve(items)
  }
  return { calls, batcher: new Batcher<number, number>({ maxItems: 10, maxCalls: 2, spacingMs, run }) }
}

test('a caller who asks for one thing after the other never waits', async () => {
  const { calls, batcher } = quick(60_000)
  for (const n of [1, 2, 3]) {
    const answer = batcher.add(n)
    await sleep(1)
    expect(await answer).toBe(n)
  }
  expect(calls.map(({ items }) => items)).toEqual([[1], [2], [3]])
})

test('after several items at a time, items that come soon wait and go together', async () => {
  const { calls, batcher } = quick(200)
  void batcher.add(1)
  void batcher.add(2)
  await sleep(1)
  const soon = [batcher.add(3)]
  await sleep(10)
  soon.push(batcher.add(4))
  await sleep(180)
  expect(calls).toHaveLength(1)
  await sleep(20)
  expect(await Promise.all(soon)).toEqual([3, 4])
  expect(calls.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(200)
})

test('a call that fails fails only its own items', async () => {
  const { calls, add, turn } = held({ maxItems: 10, maxCalls: 2 })
  const lost = add(1, 2).map((answer) => expect(answer).rejects.toThrow('gone'))
  await turn()
  const kept = add(3)
  calls[0]!.end(new Error('gone'))
  await Promise.all(lost)
  await turn()
  calls[1]!.end()
  expect(await Promise.all(kept)).toEqual([6])
})

test('an item that came while a short call ran waits for the spacing only, not as long as beside a slow call', async () => {
  const { calls, add } = held({ maxItems: 10, maxCalls: 2, spacingMs: 10 })
  void add(1, 2)
  await sleep(1)
  void add(3)
  await sleep(1)
  calls[0]!.end()
  await sleep(4)
  expect(calls).toHaveLength(1)
  await sleep(6)
  expect(calls.map(({ items }) => items)).toEqual([[1, 2], [3]])
})
