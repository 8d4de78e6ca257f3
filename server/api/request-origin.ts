import type { JobOrigin } from '@/server/engine'
import { REQUEST_ID_HEADER } from '@/server/telemetry/request-id'
import { readTraceParent, writeTraceParent } from '@/server/telemetry/tracing/trace-context'
import { tracing, type OpenSpan } from '@/server/telemetry/tracing/tracing'

/**
 * Begins the span of a request, as a part of the caller's trace where it has sent one. Undefined where tracing is off.
 */
export function beginRequestTrace(headers: Headers, procedures: string): OpenSpan | undefined {
  const requestId = headers.get(REQUEST_ID_HEADER)
  return tracing()?.begin({
    name: procedures,
    kind: 'server',
    parent: readTraceParent(headers.get('traceparent')),
    attributes: {
      'rpc.system': 'trpc',
      'rpc.method': procedures,
      ...(requestId !== null && { 'jobyard.request.id': requestId }),
    },
  })
}

/**
 * The ids that connect the jobs of a request with it in logs and traces. The web process has given the request its id
 * (server/web/answer-log.ts). Where tracing is off here, the jobs still belong to the caller's trace, for workers that
 * do trace.
 */
export function originOf(headers: Headers, span: OpenSpan | undefined): JobOrigin {
  const ref = span?.ref ?? readTraceParent(headers.get('traceparent'))
  return { requestId: headers.get(REQUEST_ID_HEADER), traceParent: ref && writeTraceParent(ref) }
}
