import { createServer } from 'node:http'
import { listen } from './api-server'

/** A span as the collector got it. */
export interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  /** As in OTLP: 1 internal, 2 server, 3 client, 5 consumer. */
  kind: number
  /** Nanoseconds since 1970. */
  start: bigint
  end: bigint
  /** 2 says that it failed. */
  status: number
  service: string
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

/** A collector that takes traces by OTLP over HTTP, in its JSON form. `spans` grows while it runs. */
export async function startOtlpReceiver(): Promise<{ url: string; spans: ReceivedSpan[]; close(): void }> {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json')
        return void response.writeHead(400).end()
      spans.push(...read(Buffer.concat(parts).toString()))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  return { url: await listen(server), spans, close: () => (server.close(), server.closeAllConnections()) }
}

/** An export request: resources, in them scopes, in them spans. */
interface ExportRequest {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        kind: number
        startTimeUnixNano: string
        endTimeUnixNano: string
        status?: { code?: number }
        attributes: Attribute[]
        links?: { traceId: string; spanId: string }[]
      }[]
    }[]
  }[]
}

function read(text: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(text) as ExportRequest
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name'])
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        kind: span.kind,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        status: span.status?.code ?? 0,
        service,
        attributes: valuesOf(span.attributes),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
      }))
  })
}

// OTLP wraps a value by its type: { stringValue: 'x' }, { intValue: '5' }.
const valuesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
