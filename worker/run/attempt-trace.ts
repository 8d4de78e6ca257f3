import type { Claimed } from '@/server/engine'
import { attemptSpanId, spanOfJob, writeTraceParent } from '@/server/telemetry/tracing/trace-context'
import { tracing, type OpenSpan } from '@/server/telemetry/tracing/tracing'

// Traces an attempt, from the submission of its job to its end.

/** The span of an attempt that runs. */
export interface AttemptTrace {
  span: OpenSpan
  /** For calls that the handler makes, and for jobs that it submits. */
  traceParent: string
}

/**
 * Begins the span of an attempt, and tells of what came before: the wait until a dispatcher handed the job out, and the
 * wait until this worker began. A later attempt is linked to the one before it (rule 4.42). Undefined where tracing is
 * off.
 */
export function beginAttemptTrace(claimed: Claimed): AttemptTrace | undefined {
  const traces = tracing()
  if (!traces) return undefined
  const { jobId, attempt, jobType, organizationId, handler, requestId, readySeconds, queuedSeconds } = claimed
  const parent = spanOfJob(jobId, claimed.traceParent)
  const attributes = {
    'jobyard.job.id': jobId,
    'jobyard.job.type': jobType,
    'jobyard.organization.id': organizationId,
    'jobyard.attempt': attempt,
    'jobyard.failures': claimed.failures,
    ...(requestId !== null && { 'jobyard.request.id': requestId }),
  }
  const now = Date.now()
  const [readyAt, queuedAt] = [now - readySeconds * 1000, now - queuedSeconds * 1000]
  const wait = (name: string, from: number, to: number) =>
    traces.begin({ name, kind: 'internal', parent, attributes, at: Math.min(from, to) }).end({ at: to })
  wait(`dispatch ${jobType}`, readyAt, queuedAt)
  wait(`claim ${jobType}`, queuedAt, now)
  const span = traces.begin({
    name: `handler ${jobType}`,
    kind: 'consumer',
    parent,
    spanId: attemptSpanId(jobId, attempt),
    links: attempt > 1 ? [{ ...parent, spanId: attemptSpanId(jobId, attempt - 1) }] : [],
    attributes: { ...attributes, 'jobyard.handler': handler },
    at: now,
  })
  return { span, traceParent: writeTraceParent(span.ref) }
}
