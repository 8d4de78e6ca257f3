import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { applyEvent, applyEvents, throttle, type LiveJob } from './live'
import type { WatchEvent } from './types'

const job = (over: Partial<LiveJob> = {}): LiveJob => ({
  id: 'j1',
  status: 'PENDING',
  attempt: 0,
  progress: 0,
  progressMessage: null,
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
  ...over,
})
const event = (over: Partial<WatchEvent>): WatchEvent => ({
  id: 'e',
  type: 'status',
  jobId: 'j1',
  fromStatus: null,
  toStatus: null,
  attempt: 0,
  progress: null,
  progressMessage: null,
  at: '2026-11-23T10:00:00.000Z',
  ...over,
})

describe('applyEvent', () => {
  it('events lead a job from pending to completed', () => {
    const done = applyEvents(job(), [
      event({ fromStatus: 'PENDING', toStatus: 'QUEUED' }),
      event({ fromStatus: 'QUEUED', toStatus: 'RUNNING', attempt: 1, at: '2026-11-23T10:00:01.000Z' }),
      event({ type: 'progress', attempt: 1, progress: 40, progressMessage: 'rows' }),
      event({ fromStatus: 'RUNNING', toStatus: 'COMPLETED', attempt: 1, at: '2026-11-23T10:00:03.000Z' }),
    ])
    expect(done).toMatchObject({
      status: 'COMPLETED',
      attempt: 1,
      progress: 100,
      progressMessage: 'rows',
      startedAt: '2026-11-23T10:00:01.000Z',
      finishedAt: '2026-11-23T10:00:03.000Z',
    })
  })

  it('an event of another job or of an earlier attempt changes nothing', () => {
    const running = job({ status: 'RUNNING', attempt: 2 })
    expect(applyEvent(running, event({ jobId: 'other', toStatus: 'COMPLETED', attempt: 2 }))).toBe(running)
    expect(applyEvent(running, event({ fromStatus: 'RUNNING', toStatus: 'FAILED', attempt: 1 }))).toBe(running)
  })

  it('an event from before a job was read does not undo its end', () => {
    const done = job({ status: 'COMPLETED', attempt: 1, progress: 100 })
    expect(applyEvent(done, event({ fromStatus: 'QUEUED', toStatus: 'RUNNING', attempt: 1 }))).toBe(done)
    expect(applyEvent(done, event({ type: 'progress', attempt: 1, progress: 50 }))).toBe(done)
  })

  it('a retry of a dead job begins its progress at 0 again', () => {
    const revived = applyEvents(job({ status: 'DEAD_LETTER', attempt: 6, progress: 80, finishedAt: 'x' }), [
      event({ fromStatus: 'DEAD_LETTER', toStatus: 'PENDING', attempt: 6 }),
      event({ fromStatus: 'PENDING', toStatus: 'QUEUED', attempt: 6 }),
      event({ fromStatus: 'QUEUED', toStatus: 'RUNNING', attempt: 7 }),
    ])
    expect(revived).toMatchObject({ status: 'RUNNING', attempt: 7, progress: 0, finishedAt: null })
  })
})

describe('throttle', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('a throttled action runs at once and then at most once per interval, and the last call always leads to a run', () => {
    const action = vi.fn()
    const call = throttle(action, 1000)
    call()
    call()
    call()
    expect(action).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1000)
    expect(action).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(5000)
    expect(action).toHaveBeenCalledTimes(2)
  })

  it('a clock that is set back does not delay a throttled action', () => {
    const action = vi.fn()
    const call = throttle(action, 1000)
    call()
    vi.setSystemTime(Date.now() - 3_600_000)
    call()
    vi.advanceTimersByTime(1000)
    expect(action).toHaveBeenCalledTimes(2)
  })

  it('a patient throttled action does not run before one interval has passed', () => {
    const action = vi.fn()
    const call = throttle(action, 1000, true)
    call()
    expect(action).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    expect(action).toHaveBeenCalledTimes(1)
  })
})
