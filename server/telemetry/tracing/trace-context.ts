import { createHash } from 'node:crypto'

/** A span as others name it (W3C Trace Context). */
export interface SpanRef {
  traceId: string
  spanId: string
  /** 1 where the trace is sampled, so that its spans are sent, otherwise 0. */
  flags: number
}

const FORMAT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,200})?$/

/** Reads a header `traceparent`. Null where it is absent or not well formed: then it is left out, as W3C asks. */
export function readTraceParent(text: string | null | undefined): SpanRef | null {
  const [, traceId, spanId, flags] = FORMAT.exec(text ?? '') ?? []
  return traceId && spanId && flags ? { traceId, spanId, flags: parseInt(flags, 16) & 1 } : null
}

export const writeTraceParent = ({ traceId, spanId, flags }: SpanRef): string =>
  `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`

/**
 * The id of the span of an attempt. It follows from job and attempt, so that a later attempt, on whichever worker, can
 * link to it without asking anybody.
 */
export const attemptSpanId = (jobId: string, attempt: number): string =>
  createHash('sha256').update(`${jobId} ${attempt}`).digest('hex').slice(0, 16)

/** What the attempts of a job belong to: the span that submitted it, or a trace of the job's own, which has its id. */
export const spanOfJob = (jobId: string, traceParent: string | null): SpanRef =>
  readTraceParent(traceParent) ?? { traceId: jobId.replaceAll('-', ''), spanId: attemptSpanId(jobId, 0), flags: 1 }
