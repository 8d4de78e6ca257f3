import type { JobOrigin } from '@/server/engine'
import { REQUEST_ID_HEADER } from '@/server/telemetry/request-id'

/** W3C Trace Context, version 00 and what later versions have in common with it. All zeros is no id. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.{0,200})?$/

/**
 * What the jobs of a request are followed by. The web process has given the request its id (server/web/answer-log.ts).
 * A trace context that is not well formed is left out, as W3C asks.
 */
export function originOf(headers: Headers): JobOrigin {
  const traceParent = headers.get('traceparent')
  return {
    requestId: headers.get(REQUEST_ID_HEADER),
    traceParent: traceParent !== null && TRACE_PARENT.test(traceParent) ? traceParent.slice(0, 55) : null,
  }
}
