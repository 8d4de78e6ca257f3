import type { Tracing } from './span'

// Traces by OpenTelemetry, where they are turned on.

export type { OpenSpan, SpanStart, Tracing } from './span'

let active: Tracing | undefined

/** Undefined where tracing is off. */
export const tracing = (): Tracing | undefined => active

/**
 * Turns tracing on where the environment names a collector (rule 4.42). Without one, not even the packages are loaded.
 *
 * @param service the name of this process, unless `OTEL_SERVICE_NAME` gives another
 */
export async function startTracing(service: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return
  if (env.OTEL_SDK_DISABLED === 'true') return
  const { createTracing } = await import('./otlp')
  active ??= createTracing(env.OTEL_SERVICE_NAME || service)
}
