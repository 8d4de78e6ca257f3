import type { SpanRef } from './trace-context'

type Attributes = Record<string, string | number | boolean>

/** What a span is begun with. */
export interface SpanStart {
  name: string
  /** As OpenTelemetry calls them: a request that came in, one that goes out, work from a queue, or a part of these. */
  kind: 'server' | 'client' | 'consumer' | 'internal'
  /** Null: it begins a trace of its own. */
  parent: SpanRef | null
  /** An id that was chosen before, such as that of an attempt. Absent: the span gets a random one. */
  spanId?: string
  /** Spans that it follows from without being a part of them, such as that of an earlier attempt. */
  links?: readonly SpanRef[]
  attributes?: Attributes
  /** Milliseconds since 1970. Now, where nothing is said. */
  at?: number
}

export interface OpenSpan {
  ref: SpanRef
  /** @param error what failed. A span without one ended well */
  end(given?: { error?: string; attributes?: Attributes; at?: number }): void
}

/** Sends spans to a collector. */
export interface Tracing {
  begin(start: SpanStart): OpenSpan
  /** Sends what is left. Never rejects, and takes 2 s at most. */
  stop(): Promise<void>
}
