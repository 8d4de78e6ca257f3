import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchConnection, type Connection } from './connection'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A browser tab whose network and server behave as the test sets them. */
function someTab() {
  const tab = { online: true, answers: true, tries: 0, told: [] as Connection[] }
  const connection = watchConnection({
    online: () => tab.online,
    reach: () => {
      tab.tries++
      return Promise.resolve(tab.answers)
    },
    onChange: (state) => tab.told.push(state),
  })
  return { tab, connection }
}

test('the server is not asked for its state while all calls are answered', async () => {
  const { tab, connection } = someTab()
  connection.look()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(tab).toMatchObject({ tries: 0, told: [] })
})

test('the page hears at once that the network is gone, and again when the server answers', async () => {
  const { tab, connection } = someTab()
  tab.online = tab.answers = false
  connection.look()
  expect(tab.told).toEqual(['offline'])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(tab.told).toEqual(['offline'])
  tab.online = tab.answers = true
  connection.look()
  await vi.advanceTimersByTimeAsync(0)
  expect(tab.told).toEqual(['offline', 'ok'])
  const { tries } = tab
  await vi.advanceTimersByTimeAsync(60_000)
  expect(tab.tries).toBe(tries)
})

test('a server that is away is asked less and less often, and its return is noticed', async () => {
  const { tab, connection } = someTab()
  tab.answers = false
  connection.lost()
  connection.lost()
  await vi.advanceTimersByTimeAsync(499)
  expect(tab).toMatchObject({ tries: 0, told: [] })
  await vi.advanceTimersByTimeAsync(1)
  expect(tab).toMatchObject({ tries: 1, told: ['lost'] })
  // The further tries come after 1, 2 and 4 s more.
  await vi.advanceTimersByTimeAsync(7_000)
  expect(tab.tries).toBe(4)
  tab.answers = true
  await vi.advanceTimersByTimeAsync(4_000)
  expect(tab.told).toEqual(['lost', 'ok'])
})

test('one failed call is no lost connection while the server answers others', async () => {
  const { tab, connection } = someTab()
  connection.lost()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(tab).toMatchObject({ tries: 1, told: [] })
})
