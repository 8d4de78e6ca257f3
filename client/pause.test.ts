import { describe, expect, it } from 'vitest'
import { backoffMs, pause } from './pause'

describe('a backoff', () => {
  it('doubles up to its most, and is spread over its upper half', () => {
    expect([0, 1, 2, 3, 10].map((n) => backoffMs(n, 100, 1000, 1))).toEqual([100, 200, 400, 800, 1000])
    expect(backoffMs(2, 100, 1000, 0)).toBe(200)
    expect(backoffMs(5000, 100, 1000, 1)).toBe(1000)
  })
})

describe('a pause', () => {
  it('ends with the reason of its signal, at once where it has fired', async () => {
    const stop = new AbortController()
    const pausing = pause(60_000, stop.signal)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(pausing).rejects.toBe(reason)
    await expect(pause(60_000, stop.signal)).rejects.toBe(reason)
    await pause(1, undefined)
  })
})
