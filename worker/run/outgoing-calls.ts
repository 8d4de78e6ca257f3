import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import type { Redact } from '@/server/engine/domain/redact'
import { readTraceParent, writeTraceParent, type SpanRef } from '@/server/telemetry/tracing/trace-context'
import { tracing } from '@/server/telemetry/tracing/tracing'
import type { TracedCall } from '../handler'

// Traces the calls that handlers make.

/** A call over HTTP that a handler made. */
export interface OutgoingCall {
  parent: SpanRef
  spanId: string
  method: string
  /** Without user, password and what comes after `?`, which may be secrets. */
  url: string
  status: number | null
  error: string | null
  /** Milliseconds since 1970. */
  from: number
  to: number
}

interface FollowedHandler {
  parent: SpanRef
  tell: (call: OutgoingCall) => void
}

const currentHandler = new AsyncLocalStorage<FollowedHandler>()
let listening = false

/** What undici, which is Node's `fetch`, tells of a request. */
interface UndiciRequestEvent {
  request: { origin: string | URL; path: string; method: string; addHeader(name: string, value: string): void }
  response?: { statusCode: number }
  error?: unknown
}

/**
 * Runs a handler so that its calls by `fetch` carry the trace, and are told of when they have ended. Without a trace it
 * simply runs: nothing listens, and nothing is kept.
 */
export function followCalls<T>(
  traceParent: string | null,
  tell: (call: OutgoingCall) => void,
  run: () => Promise<T>,
): Promise<T> {
  const parent = readTraceParent(traceParent)
  if (!parent) return run()
  listen()
  return currentHandler.run({ parent, tell }, run)
}

/** Begins a call that is not made with `fetch`. Undefined where the handler that runs here is not traced. */
export function beginCall(method: string, { origin, pathname }: URL): TracedCall | undefined {
  const here = currentHandler.getStore()
  if (!here) return undefined
  const { parent, tell } = here
  const spanId = randomBytes(8).toString('hex')
  const from = Date.now()
  return {
    traceparent: writeTraceParent({ ...parent, spanId }),
    end(outcome) {
      const error = 'error' in outcome ? textOf(outcome.error) : null
      const status = 'status' in outcome ? outcome.status : null
      tell({ parent, spanId, method, url: origin + pathname, status, error, from, to: Date.now() })
    },
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function listen(): void {
  if (listening) return
  listening = true
  const open = new WeakMap<object, Omit<OutgoingCall, 'to' | 'error'> & { tell: FollowedHandler['tell'] }>()
  subscribe('undici:request:create', (message) => {
    const { request } = message as UndiciRequestEvent
    const here = currentHandler.getStore()
    if (!here) return
    const { parent, tell } = here
    const spanId = randomBytes(8).toString('hex')
    request.addHeader('traceparent', writeTraceParent({ ...parent, spanId }))
    const url = addressOf(request)
    if (url === null) return
    open.set(request, {
      parent,
      tell,
      spanId,
      method: request.method,
      url,
      status: null,
      from: Date.now(),
    })
  })
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as UndiciRequestEvent
    const call = open.get(request)
    if (call) call.status = response?.statusCode ?? null
  })
  const end = (request: object, error: unknown) => {
    const call = open.get(request)
    if (!call) return
    open.delete(request)
    const { tell, ...rest } = call
    tell({
      ...rest,
      to: Date.now(),
      error: error === null ? null : textOf(error),
    })
  }
  subscribe('undici:request:trailers', (message) => end((message as UndiciRequestEvent).request, null))
  subscribe('undici:request:error', (message) =>
    end((message as UndiciRequestEvent).request, (message as UndiciRequestEvent).error),
  )
}

/**
 * Where a call goes, without what comes after `?`. Null where that is no address: an error here would end the worker. A
 * path that begins with `//` is a path all the same, and no host.
 */
function addressOf({ origin, path }: UndiciRequestEvent['request']): string | null {
  try {
    const url = new URL(String(origin).replace(/\/$/, '') + path)
    return url.origin + url.pathname
  } catch {
    return null
  }
}

/**
 * Sends the span of a call. The call may have been made in a thread.
 *
 * @param redact takes the values of sensitive parameters out of its address and its error
 */
export function traceCall(call: OutgoingCall, redact: Redact): void {
  const { parent, spanId, method, status, from, to } = call
  const { host } = new URL(call.url)
  const error = call.error === null ? null : redact(call.error)
  const url = redact(call.url)
  tracing()
    ?.begin({
      name: `${method} ${redact(host)}`,
      kind: 'client',
      parent,
      spanId,
      at: from,
      attributes: {
        'http.request.method': method,
        'url.full': url,
        'server.address': redact(host),
        ...(status !== null && { 'http.response.status_code': status }),
      },
    })
    .end({ at: to, error: error ?? (status !== null && status >= 400 ? `HTTP ${status}` : undefined) })
}
