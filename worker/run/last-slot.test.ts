import { expect, test } from 'vitest'
import { LastSlot } from './last-slot'

/** What a promise has become after the microtasks that are due. */
async function now(answer: Promise<boolean>): Promise<boolean | 'waits'> {
  await Promise.resolve()
  return Promise.race([answer, Promise.resolve('waits' as const)])
}

test('messages that yield take all slots but the last, and one that does not yield takes it', async () => {
  const slot = new LastSlot(4, 60_000)
  for (let n = 0; n < 3; n++) expect(await now(slot.enter(true))).toBe(true)
  const waits = slot.enter(true)
  expect(await now(waits)).toBe('waits')
  expect(await now(slot.enter(false))).toBe(true)
  slot.close()
  expect(await waits).toBe(false)
})

test('messages that wait start in the order in which they came, each when another slot than the last is free', async () => {
  const slot = new LastSlot(3, 60_000)
  await slot.enter(false)
  await slot.enter(false)
  await slot.enter(false)
  const [first, second] = [slot.enter(true), slot.enter(true)]
  slot.leave()
  expect([await now(first), await now(second)]).toEqual(['waits', 'waits'])
  slot.leave()
  expect([await now(first), await now(second)]).toEqual([true, 'waits'])
  slot.leave()
  expect(await now(second)).toBe(true)
})

test('a message that finds only the last slot free for a while goes back', async () => {
  const slot = new LastSlot(1, 5)
  expect(await slot.enter(true)).toBe(false)
  expect(await now(slot.enter(false))).toBe(true)
})

test('while a worker drains, a message that would have to wait goes back at once', async () => {
  const slot = new LastSlot(2, 60_000)
  const waits = [slot.enter(false), slot.enter(true)]
  slot.close()
  expect(await Promise.all([...waits, slot.enter(true)])).toEqual([true, false, false])
})
