import type { Random } from './random'
import { INCIDENTS, timeout, type Failure, type WorkloadName } from './workloads'

// When the jobs of the demo were submitted, and what went wrong on which day.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A time during which attempts of one type fail for one cause. */
export interface Incident {
  jobType: WorkloadName
  from: number
  to: number
  /** The share of the attempts that fail. */
  severity: number
  failure: Failure
}

/** Jobs on a working day. Nightly batches and hourly runs are added to these. */
const PER_DAY: Record<string, Partial<Record<WorkloadName, number>>> = {
  'acme-robotics': { 'invoice.render': 150, 'orders.sync': 160, 'shipment.labels': 60, 'email.digest': 5 },
  'globex-freight': { 'invoice.render': 40, 'orders.sync': 50, 'shipment.labels': 190, 'email.digest': 3 },
}
/** How a day's work is divided over its hours (UTC): a working day with a lunch break and a quiet night. */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 10, 8, 11, 12, 11, 9, 6, 4, 3, 3, 2, 2, 1]
const HOURS_SUM = HOURS.reduce((sum, weight) => sum + weight, 0)

const isWeekend = (at: number) => new Date(at).getUTCDay() % 6 === 0

/** When jobs of which types were submitted, oldest first. */
export function arrivals(slug: string, now: number, days: number, random: Random) {
  const found: { jobType: WorkloadName; at: number }[] = []
  const start = Math.floor((now - days * DAY) / HOUR) * HOUR
  for (let hour = start; hour < now; hour += HOUR) {
    const time = new Date(hour)
    const hourOfDay = time.getUTCHours()
    for (const [jobType, perDay] of Object.entries(PER_DAY[slug] ?? {})) {
      // Each day and hour differs a little. Otherwise the charts would look drawn.
      const mean = (perDay * (HOURS[hourOfDay] ?? 0) * (isWeekend(hour) ? 0.3 : 1) * random.around(1, 0.25)) / HOURS_SUM
      const count = Math.floor(mean) + (random.chance(mean % 1) ? 1 : 0)
      for (let n = 0; n < count; n++)
        found.push({ jobType: jobType as WorkloadName, at: hour + random.int(0, HOUR - 1) })
    }
    // Jobs of one batch are submitted some milliseconds after each other.
    if (hourOfDay >= 5 && hourOfDay <= 19) {
      for (let n = 0; n < 3; n++) found.push({ jobType: 'inventory.reindex', at: hour + n * 250 })
    }
    if (hourOfDay === 2) for (let n = 0; n < 8; n++) found.push({ jobType: 'payments.reconcile', at: hour + n * 180 })
    if (hourOfDay === 7) for (let n = 0; n < 4; n++) found.push({ jobType: 'email.digest', at: hour + n * 120 })
  }
  return found.filter(({ at }) => at < now).sort((a, b) => a.at - b.at)
}

/** The incidents of an organization, each with its day. */
export function incidentsOf(slug: string, now: number): Incident[] {
  const midnight = Math.floor(now / DAY) * DAY
  const incident = (
    jobType: WorkloadName,
    workingDaysAgo: number,
    hour: number,
    minutes: number,
    severity: number,
    failure: Failure,
  ): Incident => {
    let from = midnight + hour * HOUR
    // Only working days are counted, because an incident on a quiet Sunday would show nothing.
    for (let left = workingDaysAgo; left > 0;) if (!isWeekend((from -= DAY))) left--
    return { jobType, from, to: from + minutes * MINUTE, severity, failure }
  }
  return slug === 'acme-robotics'
    ? [
        incident('orders.sync', 3, 13, 110, 0.98, INCIDENTS.shopDown),
        incident('invoice.render', 1, 9, 70, 0.4, INCIDENTS.rendererStuck),
        incident('payments.reconcile', 2, 2, 60, 0.6, INCIDENTS.ledgerSchema),
        incident('orders.sync', 5, 8, 50, 0.7, INCIDENTS.shopDown),
      ]
    : [
        incident('shipment.labels', 2, 10, 110, 0.9, INCIDENTS.carrierLimit),
        incident('shipment.labels', 5, 15, 40, 0.6, INCIDENTS.carrierLimit),
        incident('payments.reconcile', 4, 2, 60, 0.5, INCIDENTS.ledgerSchema),
      ]
}

/** A job that has not ended: due in the coming hours and days, some after an attempt that failed. */
export interface Waiting {
  jobType: WorkloadName
  createdAt: number
  dueAt: number
  failed?: Failure
}

/** The jobs that still wait. None is due within the first hours, so that a demo does not begin by emptying itself. */
export function waitingOf(slug: string, now: number, random: Random): Waiting[] {
  const scheduled = (jobType: WorkloadName, hours: number): Waiting => ({
    jobType,
    createdAt: now - random.int(10, 300) * MINUTE,
    dueAt: Math.ceil((now + hours * HOUR) / HOUR) * HOUR,
  })
  const failed = (jobType: WorkloadName, failure: Failure, hours: number): Waiting => ({
    jobType,
    createdAt: now - random.int(60, 420) * MINUTE,
    dueAt: now + Math.round(hours * HOUR + random.int(0, 40) * MINUTE),
    failed: failure,
  })
  const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n))
  const big = slug === 'acme-robotics'
  return [
    ...many(big ? 8 : 5, (n) => scheduled('email.digest', 14 + n * 6)),
    ...many(big ? 4 : 3, (n) => scheduled('inventory.reindex', 10 + n * 12)),
    ...many(2, (n) => scheduled('payments.reconcile', 16 + n * 24)),
    // The mail server said how long to wait. The bank's statement is asked for again half a day later.
    ...many(big ? 5 : 2, () => failed('email.digest', INCIDENTS.mailQuota, 9)),
    ...many(big ? 3 : 2, () => failed('payments.reconcile', timeout(600), 8)),
  ]
}
