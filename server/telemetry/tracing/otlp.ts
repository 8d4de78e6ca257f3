import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator } from '@opentelemetry/sdk-trace-base'
import type { SpanRef } from './trace-context'
import type { SpanStart, Tracing } from './span'

// The only file that loads OpenTelemetry. It is loaded where a collector is named, and nowhere else.

const KINDS: Record<SpanStart['kind'], SpanKind> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
}
/** How long the end of the process waits until the last spans are sent. */
const STOP_MS = 2_000

/**
 * Random ids. Where `next` is set, the next span gets it. A span is begun without a pause after that, so no other span
 * takes it.
 */
class ChosenIds extends RandomIdGenerator {
  next: string | undefined

  override generateSpanId = (): string => {
    const chosen = this.next
    this.next = undefined
    return chosen ?? this.random.generateSpanId()
  }

  private readonly random = new RandomIdGenerator()
}

/** Sends spans by OTLP over HTTP. Address, headers and sampling are read from the usual variables `OTEL_…`. */
export function createTracing(service: string): Tracing {
  const ids = new ChosenIds()
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid })),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = provider.getTracer('jobyard')
  return {
    begin({ name, kind, parent, spanId, links = [], attributes, at }) {
      ids.next = spanId
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes,
          startTime: at,
          links: links.map((ref) => ({ context: contextOf(ref) })),
        },
        parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : context.active(),
      )
      ids.next = undefined
      const { traceId, spanId: given, traceFlags } = span.spanContext()
      return {
        ref: { traceId, spanId: given, flags: traceFlags },
        end({ error, attributes: more, at: endedAt } = {}) {
          if (more) span.setAttributes(more)
          if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
          span.end(endedAt)
        },
      }
    },
    async stop() {
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, STOP_MS).unref()),
      ])
    },
  }
}

const contextOf = ({ traceId, spanId, flags }: SpanRef): SpanContext => ({
  traceId,
  spanId,
  traceFlags: flags,
  isRemote: true,
})
