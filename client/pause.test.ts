import { afterEach, describe, expect, it, vi } from 'vitest'
import { after, backoffMs, pause } from './pause'

describe('a backoff', () => {
  it('a backoff doubles up to its longest, and is then shortened by chance to no less than half', () => {
    expect([0, 1, 2, 3, 10].map((n) => backoffMs(n, 100, 1000, 1))).toEqual([100, 200, 400, 800, 1000])
    expect(backoffMs(2, 100, 1000, 0)).toBe(200)
    expect(backoffMs(5000, 100, 1000, 1)).toBe(1000)
  })
})

describe('a pause', () => {
  it('a pause ends with the reason of its signal, at once if the signal has already fired', async () => {
    const stop = new AbortController()
    const pausing = pause(60_000, stop.signal)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(pausing).rejects.toBe(reason)
    await expect(pause(60_000, stop.signal)).rejects.toBe(reason)
    await pause(1, undefined)
  })
})

describe('a timer', () => {
  afterEach(() => void vi.useRealTimers())
  const DAY_MS = 86_400_000

  it('a timer lasts for months, although setTimeout fires at once for so long a time', async () => {
    vi.useFakeTimers()
    let done = false
    after(60 * DAY_MS, () => (done = true))
    const pausing = pause(60 * DAY_MS, undefined)
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1)
    expect(done).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(done).toBe(true)
    await pausing
  })

  it('a timer without an end never fires, and a timer can be stopped at any moment', async () => {
    vi.useFakeTimers()
    after(Infinity, () => expect.unreachable())
    expect(vi.getTimerCount()).toBe(0)
    const callOff = after(60 * DAY_MS, () => expect.unreachable())
    await vi.advanceTimersByTimeAsync(30 * DAY_MS)
    callOff()
    expect(vi.getTimerCount()).toBe(0)
  })
})
