import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lockedSlots } from './stream-slots'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** Locks and a channel that all tabs of a browser share. */
function someBrowser() {
  const held = new Set<string>()
  const listeners = new Set<() => void>()
  const locks = {
    async request(name: string, _: unknown, work: (lock: unknown) => Promise<unknown>) {
      if (held.has(name)) return work(null)
      held.add(name)
      try {
        return await work({ name })
      } finally {
        held.delete(name)
      }
    },
  } as unknown as LockManager
  const tab = () =>
    lockedSlots(locks, {
      postMessage: () => [...listeners].forEach((listener) => listener()),
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    } as unknown as BroadcastChannel)
  return { tab, held }
}

test('of twenty tabs four get a stream, the others learn it at once, and one of them gets the slot of a tab that leaves', async () => {
  const { tab, held } = someBrowser()
  const given: number[] = []
  const none: number[] = []
  const leave = Array.from({ length: 20 }, (_, n) =>
    tab().ask(
      () => given.push(n),
      () => none.push(n),
    ),
  )
  await vi.advanceTimersByTimeAsync(10)
  expect(given).toEqual([0, 1, 2, 3])
  expect(none).toHaveLength(16)
  leave[1]!()
  leave[10]!()
  // A waiting tab asks again each second.
  await vi.advanceTimersByTimeAsync(2_500)
  expect(given).toHaveLength(5)
  expect(given).not.toContain(10)
  expect(none, 'each is told once').toHaveLength(16)
  for (const one of leave) one()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(held.size).toBe(0)
})

test('a waiting tab announces itself, and gets the slot of a tab that gives its own up', async () => {
  const { tab } = someBrowser()
  const leave: (() => void)[] = []
  for (let n = 0; n < 4; n++) {
    const slots = tab()
    const stop = slots.ask(
      () => {},
      () => {},
    )
    if (n === 2) slots.onWanted(stop)
    leave.push(stop)
  }
  await vi.advanceTimersByTimeAsync(10)
  let given = false
  tab().ask(
    () => (given = true),
    () => {},
  )
  await vi.advanceTimersByTimeAsync(1_500)
  expect(given).toBe(true)
})
