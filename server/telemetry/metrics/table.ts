// The metrics that processes give to Prometheus.

interface MetricEntry {
  type: 'counter' | 'gauge' | 'histogram'
  /** What it says, with its unit. It is the metric's help text, and its line in docs/operate/metrics-and-logs.md. */
  help: string
  labels?: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  buckets?: readonly number[]
  /**
   * `installation`: each web process gives the same figure of the whole installation, so take `max` over them and never a
   * sum. `web` and `worker`: each process of that kind tells of itself. Add up what it counts, but not
   * other figures, such as an age or a 1 for yes. `process`: the same for both kinds.
   */
  of: 'installation' | 'web' | 'worker' | 'process'
}

const entries = <Table extends Record<string, MetricEntry>>(table: Table) => table

const SHORT_TO_LONG = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3_600]
const ANSWERS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Every metric of ours. Nothing else makes one, so documents, dashboard and alert rules are checked against this table.
 * Besides these, each process gives those of Node.js that prom-client makes (`process_…` and `nodejs_…`).
 */
export const METRICS = entries({
  jobyard_jobs: { of: 'installation', type: 'gauge', labels: ['status'], help: 'Jobs by status.' },
  jobyard_type_jobs: {
    of: 'installation',
    type: 'gauge',
    labels: ['job_type', 'pool', 'state'],
    help: 'Jobs that could run now (state waiting), are handed out (queued) or run (running), by job type and worker pool.',
  },
  jobyard_organization_jobs: {
    of: 'installation',
    type: 'gauge',
    labels: ['organization', 'state'],
    help: 'Jobs of the 20 organizations with the most unfinished ones, by state: unfinished, completed, canceled, dead. The others are added up as organization other.',
  },
  jobyard_pool_workers: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool'],
    help: 'Workers that are alive and take jobs of this pool.',
  },
  jobyard_pool_workers_needed: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool'],
    help: 'Workers that would run what runs and get through what waits within a minute, by measured run times. For autoscaling.',
  },
  jobyard_pool_slots: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool', 'queue'],
    help: 'Slots of the workers that take jobs of this pool. A worker of several pools counts in each.',
  },
  jobyard_pool_running_jobs: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool', 'queue'],
    help: 'Jobs of this pool that run.',
  },
  jobyard_pool_waiting_jobs: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool'],
    help: 'Jobs of this pool that could run now and wait for a slot.',
  },
  jobyard_pool_oldest_waiting_seconds: {
    of: 'installation',
    type: 'gauge',
    labels: ['pool'],
    help: 'Seconds since the job of this pool that has waited longest could have started. 0 where none waits.',
  },
  jobyard_circuits_open: {
    of: 'installation',
    type: 'gauge',
    labels: ['job_type'],
    help: 'Organizations in which the circuit of this job type is open.',
  },
  jobyard_queue_store_up: {
    of: 'installation',
    type: 'gauge',
    help: "1 where workers reach BullMQ's store, 0 where none of them does. Absent while no worker is alive.",
  },
  jobyard_figures_age_seconds: {
    of: 'web',
    type: 'gauge',
    help: 'Seconds since the figures of the installation were read. They are older where the database is slow or away.',
  },
  jobyard_figures_read_seconds: {
    of: 'web',
    type: 'gauge',
    help: 'Seconds that reading the figures of the installation took.',
  },
  jobyard_database_up: {
    of: 'process',
    type: 'gauge',
    help: '1 while PostgreSQL answers this process, 0 while it does not.',
  },
  jobyard_database_pool_errors_total: {
    of: 'process',
    type: 'counter',
    help: 'Connections to PostgreSQL that broke while they lay in a pool of this process.',
  },
  jobyard_job_transitions_total: {
    of: 'process',
    type: 'counter',
    labels: ['to'],
    help: 'Jobs that this process moved, by the status that they got. New jobs count as SUBMITTED.',
  },
  jobyard_http_requests_total: {
    of: 'web',
    type: 'counter',
    labels: ['route', 'status'],
    help: 'Requests that were answered, by procedure or kind of route and by HTTP status.',
  },
  jobyard_http_request_seconds: {
    of: 'web',
    type: 'histogram',
    labels: ['kind'],
    buckets: ANSWERS,
    help: 'Seconds from a request to the end of its answer, by kind of route. Event streams are left out.',
  },
  jobyard_refusals_total: {
    of: 'web',
    type: 'counter',
    labels: ['reason'],
    help: 'Calls of procedures that were refused, by reason: RATE_LIMITED, QUEUE_FULL, DUPLICATE_JOB and so on.',
  },
  jobyard_attempts_total: {
    of: 'worker',
    type: 'counter',
    labels: ['job_type', 'outcome'],
    help: 'Attempts that ended on this worker, by job type (100 by name, the others as other) and outcome: completed, retried, timed_out_retried, dead, handed_back, canceled, refused, lost.',
  },
  jobyard_wait_seconds: {
    of: 'worker',
    type: 'histogram',
    labels: ['job_type'],
    buckets: SHORT_TO_LONG,
    help: 'Seconds from the moment when a job could have started to the start of its attempt.',
  },
  jobyard_run_seconds: {
    of: 'worker',
    type: 'histogram',
    labels: ['job_type'],
    buckets: SHORT_TO_LONG,
    help: 'Seconds that handlers ran, however they ended.',
  },
  jobyard_dispatch_lag_seconds: {
    of: 'worker',
    type: 'histogram',
    buckets: SHORT_TO_LONG,
    help: 'Seconds from the moment when a job could have started until a dispatcher handed it out.',
  },
  jobyard_claim_lag_seconds: {
    of: 'worker',
    type: 'histogram',
    buckets: SHORT_TO_LONG,
    help: 'Seconds from handing a job out until this worker began with it.',
  },
  jobyard_worker_slots: {
    of: 'worker',
    type: 'gauge',
    labels: ['queue'],
    help: 'Slots of this worker, by queue: ISOLATED has a thread for each job, INLINE shares one.',
  },
  jobyard_worker_running_jobs: {
    of: 'worker',
    type: 'gauge',
    labels: ['queue'],
    help: 'Jobs that run on this worker. Short jobs may share a slot.',
  },
  jobyard_leases_lost_total: {
    of: 'worker',
    type: 'counter',
    help: 'Attempts that this worker had to stop because it could no longer be sure of their lease.',
  },
  jobyard_jobs_rescued_total: {
    of: 'worker',
    type: 'counter',
    help: 'Jobs of lost workers that this worker brought back while it led.',
  },
  jobyard_queue_store_errors_total: {
    of: 'worker',
    type: 'counter',
    help: "Errors that BullMQ's store reported to this worker.",
  },
  jobyard_duty_failures_total: {
    of: 'worker',
    type: 'counter',
    labels: ['duty'],
    help: "Runs of a leader's duty that failed.",
  },
  jobyard_leader: {
    of: 'worker',
    type: 'gauge',
    help: '1 on the worker that does the duties of the leader, 0 on the others.',
  },
})

export type MetricName = keyof typeof METRICS
