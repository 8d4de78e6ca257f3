import { describe, expect, it } from 'vitest'
import { client, cut, failure, inputOf, refused, type Seen } from './client.fixture'
import type { JobEvent } from './index'

describe('a watch', () => {
  const event = (id: string, over: Partial<JobEvent> = {}): JobEvent => ({
    id,
    type: 'status',
    jobId: 'a',
    fromStatus: null,
    toStatus: 'PENDING',
    attempt: 0,
    progress: null,
    progressMessage: null,
    at: '2026-01-01T00:00:00.000Z',
    ...over,
  })
  const stream = (...events: JobEvent[]) =>
    new Response(
      `event: connected\ndata: {"reconnectAfterInactivityMs":25000}\n\n${events.map((one) => `data: ${JSON.stringify(one)}\nid: ${one.id}\n\n`).join('')}`,
    )
  const placeOf = (seen: Seen) => (inputOf(seen) as { lastEventId: string }).lastEventId
  const take = async (events: AsyncGenerator<JobEvent>, count: number) => {
    const taken: JobEvent[] = []
    while (taken.length < count) taken.push((await events.next()).value as JobEvent)
    await events.return(undefined)
    return taken
  }

  it('a watch begins at a place in the stream, and after a cut goes on behind its last event', async () => {
    const { jobyard, seen } = client([
      stream(event('1', { type: 'reset', jobId: null })),
      cut(),
      stream(event('2')),
      refused('UNAVAILABLE', 503),
      stream(event('3')),
    ])
    let starts = 0
    expect((await take(jobyard.watch({ onStart: () => void starts++ }), 2)).map(({ id }) => id)).toEqual(['2', '3'])
    expect(seen.map(placeOf)).toEqual(['start', '1', '1', '2', '2'])
    expect(starts).toBe(1)
  })

  it('a watch that goes on after an event passes on a reset, because something may have been missed', async () => {
    const reset = event('9', { type: 'reset', jobId: null })
    const { jobyard } = client([stream(reset)])
    expect(await take(jobyard.watch({ lastEventId: '5' }), 1)).toEqual([reset])
  })

  it('a watch does not repeat progress that a new connection sends again', async () => {
    const progress = (id: string, value: number) => event(id, { type: 'progress', progress: value, attempt: 1 })
    const { jobyard } = client([stream(progress('1~1', 10)), stream(progress('1~2', 10), progress('1~3', 20))])
    expect((await take(jobyard.watch({ lastEventId: '0' }), 2)).map((one) => one.progress)).toEqual([10, 20])
  })

  const said = (reason: string, status: number) =>
    new Response(
      `event: connected\ndata: {}\n\nevent: serialized-error\ndata: ${JSON.stringify({ message: 'No.', data: { reason, httpStatus: status } })}\n\n`,
    )

  it('a watch reconnects more and more slowly to a server that closes each stream after its first word', async () => {
    const away = Array.from({ length: 5 }, () => said('UNAVAILABLE', 503))
    const times: number[] = []
    const replies = [...away, stream(event('1'))]
    const fetch = () => {
      times.push(performance.now())
      return Promise.resolve(replies[times.length - 1]!)
    }
    await take(client([], { fetch }).jobyard.watch({ lastEventId: '0' }), 1)
    // The shortest that pauses of 200, 400, 800, 1,600 and 3,200 ms can be. Timers may be a millisecond early.
    const pauses = times.slice(1).map((time, n) => time - times[n]!)
    for (const [n, leastMs] of [100, 200, 400, 800, 1600].entries()) expect(pauses[n]).toBeGreaterThan(leastMs - 5)
  })

  it('a watch ends with a refusal, whether the refusal comes as an answer or in the stream', async () => {
    for (const reply of [said('NOT_FOUND', 404), refused('NOT_FOUND', 404)]) {
      expect(await failure(client([reply]).jobyard.watch().next())).toMatchObject({
        reason: 'NOT_FOUND',
        status: expect.any(Number),
      })
    }
  })
})
