import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricName } from './table'

/** Every metric of this process. Next.js loads modules a second time, and both must count in one place. */
const shared = globalThis as { jobyardMetrics?: Registry }
export const registry: Registry = (shared.jobyardMetrics ??= new Registry())

/** Counts of Node.js: processor time, memory, delay of the event loop, garbage collection. */
export function countNode(): void {
  if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry })
}

// A metric that is there already may have been made by another copy of this module.
export const counter = (name: MetricName): Counter =>
  (registry.getSingleMetric(name) as Counter | undefined) ?? new Counter({ ...settings(name), registers: [registry] })

/** @param collect sets the gauge at each scrape */
export const gauge = (name: MetricName, collect?: (this: Gauge) => void): Gauge =>
  (registry.getSingleMetric(name) as Gauge | undefined) ??
  new Gauge({ ...settings(name), collect, registers: [registry] })

export const histogram = (name: MetricName): Histogram =>
  (registry.getSingleMetric(name) as Histogram | undefined) ??
  new Histogram({ ...settings(name), buckets: [...bucketsOf(name)], registers: [registry] })

const bucketsOf = (name: MetricName): readonly number[] =>
  (METRICS[name] as { buckets?: readonly number[] }).buckets ?? []

const settings = (name: MetricName) => ({
  name,
  help: METRICS[name].help,
  labelNames: [...((METRICS[name] as { labels?: readonly string[] }).labels ?? [])],
})

/**
 * Keeps the values of a label few: the first ones by name, all later ones as `other`. Each value of a label is a series
 * of its own that Prometheus keeps in memory.
 */
export function boundedLabel(most: number): (value: string) => string {
  const named = new Set<string>()
  return (value) => {
    if (named.has(value)) return value
    if (named.size >= most) return 'other'
    named.add(value)
    return value
  }
}
