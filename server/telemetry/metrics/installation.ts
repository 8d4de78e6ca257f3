import { installationFigures, type Db, type InstallationFigures } from '@/server/engine'
import { gauge } from './registry'

/**
 * Milliseconds for which a reading of the figures serves. They are read when somebody scrapes, and several Prometheus
 * servers and an autoscaler share one reading.
 */
const SERVES_MS = 5_000
/**
 * A reading that took long serves for this many times as long as it took, so that scrapes never keep the database busy.
 */
const SERVES_TIMES_ITS_DURATION = 20
/** How many milliseconds a scrape waits for a new reading. Then it gets the figures of the last one. */
const SCRAPE_WAITS_MS = 3_000

/** The gauges of the whole installation (rule 4.41), read from the database when somebody asks for them. */
export class InstallationMetrics {
  private readonly gauges = {
    jobs: gauge('jobyard_jobs'),
    types: gauge('jobyard_type_jobs'),
    organizations: gauge('jobyard_organization_jobs'),
    workers: gauge('jobyard_pool_workers'),
    needed: gauge('jobyard_pool_workers_needed'),
    slots: gauge('jobyard_pool_slots'),
    running: gauge('jobyard_pool_running_jobs'),
    waiting: gauge('jobyard_pool_waiting_jobs'),
    oldest: gauge('jobyard_pool_oldest_waiting_seconds'),
    circuits: gauge('jobyard_circuits_open'),
    store: gauge('jobyard_queue_store_up'),
    age: gauge('jobyard_figures_age_seconds'),
    took: gauge('jobyard_figures_read_seconds'),
  }
  private reading: Promise<void> | undefined
  private readAt = -Infinity
  private tookMs = 0

  constructor(private readonly db: Db) {}

  /** Makes the gauges right, as far as the database answers in time. Never rejects. */
  async refresh(): Promise<void> {
    const age = performance.now() - this.readAt
    if (age > Math.max(SERVES_MS, this.tookMs * SERVES_TIMES_ITS_DURATION))
      this.reading ??= this.read().finally(() => (this.reading = undefined))
    if (this.reading) {
      let late: NodeJS.Timeout | undefined
      await Promise.race([this.reading, new Promise((resolve) => (late = setTimeout(resolve, SCRAPE_WAITS_MS)))])
      clearTimeout(late)
    }
    // Absent before the first reading: a figure that was never read has no age.
    if (this.readAt > -Infinity) this.gauges.age.set((performance.now() - this.readAt) / 1000)
    else this.gauges.age.remove()
  }

  private async read(): Promise<void> {
    const began = performance.now()
    try {
      this.show(await installationFigures(this.db))
      this.readAt = performance.now()
      this.tookMs = this.readAt - began
      this.gauges.took.set(this.tookMs / 1000)
    } catch {
      // jobyard_database_up and the age of the figures tell of it, and so does the log.
    }
  }

  /**
   * Sets the gauges. A series that is gone must not stay, such as that of an organization that is no longer among the
   * largest.
   */
  private show(figures: InstallationFigures): void {
    for (const each of Object.values(this.gauges)) if (each !== this.gauges.took) each.reset()
    const { jobs, types, organizations, workers, needed, slots, running, waiting, oldest, circuits, store } =
      this.gauges
    for (const [status, count] of Object.entries(figures.jobs)) jobs.set({ status }, count)
    for (const row of mostWork(figures.types)) {
      const { jobType: job_type, pool } = row
      for (const state of ['waiting', 'queued', 'running'] as const) types.inc({ job_type, pool, state }, row[state])
    }
    for (const { organization, ...counts } of figures.organizations)
      // An organization may have the short name `other` itself. Then its jobs are added to those of the others.
      for (const [state, count] of Object.entries(counts)) organizations.inc({ organization, state }, count)
    for (const each of figures.pools) {
      const { pool } = each
      workers.set({ pool }, each.workers)
      needed.set({ pool }, each.workersNeeded)
      waiting.set({ pool }, each.waiting)
      oldest.set({ pool }, each.oldestWaitingSeconds)
      for (const queue of ['ISOLATED', 'INLINE'] as const) {
        slots.set({ pool, queue }, each.slots[queue])
        running.set({ pool, queue }, each.running[queue])
      }
    }
    const open = [...figures.openCircuits].sort((a, b) => b.count - a.count || (a.jobType < b.jobType ? -1 : 1))
    for (const [place, { jobType, count }] of open.entries())
      circuits.inc({ job_type: place < NAMED_TYPES ? jobType : 'other' }, count)
    if (figures.store === null) store.remove()
    else store.set(figures.store ? 1 : 0)
  }
}

/** How many job types are named. The others are added up by pool. */
const NAMED_TYPES = 100

function mostWork(types: InstallationFigures['types']): InstallationFigures['types'] {
  if (types.length <= NAMED_TYPES) return types
  const work = ({ waiting, queued, running }: InstallationFigures['types'][number]) => waiting + queued + running
  return [...types]
    .sort((a, b) => work(b) - work(a) || (a.jobType < b.jobType ? -1 : 1))
    .map((row, place) => (place < NAMED_TYPES ? row : { ...row, jobType: 'other' }))
}
