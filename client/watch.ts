import type { JobEvent } from './api'
import { JobyardError } from './errors'
import { orAborted } from './abort'
import { readEventStream } from './event-stream'
import { backoffMs, pause } from './pause'
import { ProgressFilter } from './progress-filter'
import { refusal, waitBefore, type Transport, type WireError } from './transport'

// Follows what happens to jobs over a stream of events, and opens the stream again when it breaks.

export interface WatchTarget {
  organizationId: string
  /** Watches only events of this job. */
  jobId?: string
  /** Begins after this event, which an earlier watch has yielded. Without it, the watch begins now. */
  lastEventId?: string
  signal?: AbortSignal
  /**
   * Called once the watch is connected. Everything that happens from then on will be yielded. Read what you show now,
   * and not before.
   */
  onStart?: () => void
}

/** No event has this id. So the server answers with one `reset`, whose id is the place where the watch begins. */
const START = 'start'
/** How many milliseconds the server may be silent before it has told how often it sends heartbeats. */
const SILENCE_MS = 30_000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000
/** A connection that lasted this many milliseconds counts as good, even without events. */
const LASTING_MS = 10_000

/**
 * Yields events. Whatever happens to the connection, no event comes twice and no `status` is left out, because each new
 * connection begins after the last event. Of `progress` the server sends the latest. Where the server no longer has what
 * came after the last event, it sends a `reset`. The watch ends only with its reader, its signal, or a refusal that will
 * not change.
 */
export async function* watchEvents(
  transport: Transport,
  target: WatchTarget,
): AsyncGenerator<JobEvent, void, undefined> {
  const { lastEventId, signal, onStart } = target
  let place = lastEventId ?? START
  let started = false
  const repeats = new ProgressFilter()
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted()
    let since = Infinity
    try {
      for await (const event of connection(transport, target, place)) {
        if (event === 'connected') {
          // The server sends this before it has checked anything, so a refusal may still follow. It is no reason yet to
          // reconnect at once.
          since = Date.now()
          // A watch that knows its place can come back to it from now on. Other watches can do that only after their
          // first event.
          if (place !== START) start()
          continue
        }
        failures = 0
        const first = place === START
        place = event.id
        if (first) start()
        if (first && event.type === 'reset') continue
        if (repeats.admit(event)) yield event
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (Date.now() - since >= LASTING_MS) failures = 0
      const waitMs = error instanceof JobyardError ? waitToReconnect(error, failures) : null
      if (waitMs === null) throw error
      await pause(waitMs, signal)
    }
  }

  function start(): void {
    if (!started) onStart?.()
    started = true
  }
}

/** How many milliseconds to wait before connecting again. Null if the refusal will not change. */
function waitToReconnect(error: JobyardError, failures: number): number | null {
  if (error.is('RATE_LIMITED')) return waitBefore(error, failures)
  // A fault of the server may be gone at the next try. A suspension ends a stream, but does not forbid a new one.
  const passes =
    error.is('NETWORK') || error.is('UNAVAILABLE') || error.is('INTERNAL') || error.is('ORGANIZATION_SUSPENDED')
  return passes ? backoffMs(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS) : null
}

/** One connection, beginning after `place`. It always ends with an error, because the stream has no end of its own. */
async function* connection(
  transport: Transport,
  { organizationId, jobId, signal }: WatchTarget,
  place: string,
): AsyncGenerator<JobEvent | 'connected', void, undefined> {
  const path = transport.pathOf('jobs.watch', { organizationId, jobId, lastEventId: place })
  const leave = new AbortController()
  const stop = () => leave.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  let silenceMs = SILENCE_MS
  // The server begins its answer at once. A proxy that holds the beginning back would hold back events, too.
  const late = setTimeout(() => leave.abort(new Error('the event stream does not begin')), silenceMs)
  try {
    const response = await orAborted(
      transport.open(path, { accept: 'text/event-stream', signal: leave.signal }),
      leave.signal,
    )
    clearTimeout(late)
    if (!response.body) throw new JobyardError('NETWORK', 'The event stream has no body')
    for await (const { event, data } of readEventStream(response.body, () => silenceMs, leave.signal)) {
      if (event === 'connected') {
        const { reconnectAfterInactivityMs } = JSON.parse(data) as { reconnectAfterInactivityMs?: number }
        silenceMs = reconnectAfterInactivityMs ?? silenceMs
        yield 'connected'
      } else if (event === 'serialized-error') {
        throw refusal(JSON.parse(data) as WireError)
      } else if (event === undefined) {
        yield JSON.parse(data) as JobEvent
      }
    }
    throw new JobyardError('NETWORK', 'The event stream was cut')
  } catch (error) {
    throw error instanceof JobyardError
      ? error
      : new JobyardError('NETWORK', 'The event stream broke', { cause: error })
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', stop)
    leave.abort()
  }
}
