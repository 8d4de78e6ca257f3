import type { JobEvent } from './api'
import { JobyardError } from './errors'
import { orAborted } from './abort'
import { readEventStream } from './event-stream'
import { backoffMs, pause } from './pause'
import { ProgressFilter } from './progress-filter'
import { refusal, waitBefore, type Transport, type WireError } from './transport'

export interface WatchTarget {
  organizationId: string
  /** Events of this job only. */
  jobId?: string
  /** Begin after this event, which an earlier watch has yielded; default: now. */
  lastEventId?: string
  signal?: AbortSignal
  /** Called once it is connected: what happens from then on will be yielded. Read what you show now, not before. */
  onStart?: () => void
}

/** No event has this id, so the server answers it with one `reset`, whose id is the place where the watch begins. */
const START = 'start'
/** How long the server may say nothing, until it has told how often it does. */
const SILENCE_MS = 30_000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000
/** A connection that was good for so long was a good one, even without events. */
const LASTING_MS = 10_000

/**
 * Yields events and, whatever becomes of the connection, none twice and none left out: it comes back
 * with the id of the last one. Ends only with its reader, its signal, or a refusal.
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
          // Said before anything is looked up, so that a refusal may still follow: no reason yet to come back at once.
          since = Date.now()
          // With a place of its own it has one to come back to from here on; without, from the first event.
          if (place !== START) start()
          continue
        }
        failures = 0
        const first = place === START
        place = event.id
        if (first) start()
        if (first && event.type === 'reset') continue
        if (repeats.isNew(event)) yield event
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

/** Milliseconds; null where the refusal stays one. */
function waitToReconnect(error: JobyardError, failures: number): number | null {
  if (error.is('RATE_LIMITED')) return waitBefore(error, failures)
  // What broke at the server's end may be whole at the next try; and a suspension ends a stream, but forbids none.
  const passes =
    error.is('NETWORK') || error.is('UNAVAILABLE') || error.is('INTERNAL') || error.is('ORGANIZATION_SUSPENDED')
  return passes ? backoffMs(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS) : null
}

/** One connection, from `place` on. Always ends with an error: the stream has no end of its own. */
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
  // The answer begins at once; a proxy that holds it back would hold the events back too.
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
