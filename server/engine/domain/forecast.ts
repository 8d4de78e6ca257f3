import type { ActKind, SkipReason } from './bulk'

// What a person should know before a bulk action.

/** What a bulk action would do, told before it is done. */
export interface BulkForecast {
  /** Jobs that were asked for and are there, as far as they were looked at. */
  matched: number
  /** True where more match than were looked at. Then every figure counts only those that were looked at. */
  capped: boolean
  /** How many jobs it would change. */
  would: number
  skipped: { reason: SkipReason; count: number }[]
  warnings: ForecastWarning[]
}

/**
 * Something that a person should know before a bulk action, and how many jobs it concerns: jobs that the action would
 * change or skip, or, for REVIVES_OTHERS and OTHERS_WAIT, other jobs that would come back or wait in vain.
 */
export interface ForecastWarning {
  code: WarningCode
  count: number
  message: string
}

export const WARNING_CODES = [
  'ORGANIZATION_SUSPENDED',
  'PAUSED',
  'JOB_TYPE_DISABLED',
  'CIRCUIT_OPEN',
  'CONCURRENCY_LIMIT',
  'RATE_LIMITED',
  'SCHEDULED',
  'PERMANENT_ERROR',
  'DUPLICATE_JOB',
  'INVALID_DEPENDENCY',
  'QUEUE_FULL',
  'REVIVES_OTHERS',
  'RUNNING',
  'OTHERS_WAIT',
  'STILL_RETRYABLE',
  'ARTIFACTS',
] as const
export type WarningCode = (typeof WARNING_CODES)[number]

/** The jobs of one type that it would be done to, and what holds them afterwards. */
export interface TypeFacts {
  jobType: string
  jobs: number
  enabled: boolean
  /** The smallest limit of jobs at once that holds for it. Null: none. */
  limit: number | null
  /** Null where the circuit is closed. */
  circuit: { trialMayStartAt: Date; failures: number; outcomes: number } | null
  pause: PauseFacts | null
}

interface PauseFacts {
  by: string
  reason: string | null
}

/** Everything that was counted. */
export interface ForecastFacts {
  kind: ActKind
  would: number
  skipped: Partial<Record<SkipReason, number>>
  types: readonly TypeFacts[]
  platformPause: PauseFacts | null
  organizationPause: PauseFacts | null
  /** The limit of jobs of the organization at once; null: none. */
  organizationLimit: number | null
  /** How many of the jobs that it would change run now. */
  running: number
  /** How many of them ended with a PERMANENT error. */
  permanent: number
  /** How many of them are scheduled for later. */
  scheduled: number
  /** How many of them are dead letters. */
  dead: number
  /** How many of them have artifacts. */
  withArtifacts: number
  /** Dead descendants that come back with them. */
  revived: number
  /** Unfinished jobs that wait for them. */
  waiting: number
}

/** What a person should know, the most decisive first. */
export function warningsOf(facts: ForecastFacts): ForecastWarning[] {
  return { RETRY: retryWarnings, CANCEL: cancelWarnings, DELETE: deleteWarnings }
    [facts.kind](facts)
    .filter(({ count }) => count > 0)
}

function retryWarnings(facts: ForecastFacts): ForecastWarning[] {
  const { would, skipped, types, platformPause, organizationPause, organizationLimit } = facts
  const skip = (code: SkipReason & WarningCode, message: (count: number) => string) =>
    warn(code, skipped[code] ?? 0, message(skipped[code] ?? 0))
  return [
    skip('ORGANIZATION_SUSPENDED', () => 'The organization is suspended: nothing can be retried until it is resumed.'),
    ...(platformPause
      ? [warn('PAUSED', would, `The platform is paused${byWhom(platformPause)}: they wait until it goes on.`)]
      : []),
    ...(organizationPause
      ? [warn('PAUSED', would, `The organization is paused${byWhom(organizationPause)}: they wait until it goes on.`)]
      : []),
    ...types.flatMap(({ jobType, jobs, enabled, limit, circuit, pause }) => [
      ...(pause
        ? [warn('PAUSED', jobs, `Job type ${jobType} is paused${byWhom(pause)}: its jobs wait until it goes on.`)]
        : []),
      ...(enabled
        ? []
        : [warn('JOB_TYPE_DISABLED', jobs, `Job type ${jobType} is disabled: its jobs wait until it is enabled.`)]),
      ...(circuit ? [warn('CIRCUIT_OPEN', jobs, circuitMessage(jobType, circuit))] : []),
      ...(limit !== null && limit < jobs
        ? [warn('CONCURRENCY_LIMIT', jobs - limit, limitMessage(`Job type ${jobType}`, limit))]
        : []),
    ]),
    ...(organizationLimit !== null && organizationLimit < would
      ? [warn('CONCURRENCY_LIMIT', would - organizationLimit, limitMessage('The organization', organizationLimit))]
      : []),
    warn(
      'SCHEDULED',
      facts.scheduled,
      facts.scheduled === 1
        ? '1 job is scheduled for later and waits for its time.'
        : `${jobsText(facts.scheduled)} are scheduled for later and wait for their time.`,
    ),
    warn(
      'PERMANENT_ERROR',
      facts.permanent,
      `${jobsText(facts.permanent)} ended with an error that a retry alone does not mend.`,
    ),
    skip('DUPLICATE_JOB', (count) =>
      `${jobsAre(count)} skipped: an identical job has taken ${count === 1 ? 'its' : 'their'} place.`),
    skip('INVALID_DEPENDENCY', (count) =>
      `${jobsAre(count)} skipped: a job that ${count === 1 ? 'it waits' : 'they wait'} for is dead, canceled or deleted. Retry that one first.`),
    skip('QUEUE_FULL', (count) => `${jobsAre(count)} skipped: the organization may have no more unfinished jobs.`),
    warn(
      'REVIVES_OTHERS',
      facts.revived,
      `${jobsText(facts.revived)} that died because of these ${facts.revived === 1 ? 'comes' : 'come'} back with them.`,
    ),
  ]
}

const cancelWarnings = ({ running, waiting }: ForecastFacts): ForecastWarning[] => [
  warn(
    'RUNNING',
    running,
    running === 1
      ? '1 job runs now: its handler is told to stop.'
      : `${jobsText(running)} run now: their handlers are told to stop.`,
  ),
  warn(
    'OTHERS_WAIT',
    waiting,
    `${jobsText(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for these and would end in DEAD_LETTER, with what waits for those.`,
  ),
]

const deleteWarnings = ({ dead, withArtifacts }: ForecastFacts): ForecastWarning[] => [
  warn(
    'STILL_RETRYABLE',
    dead,
    dead === 1
      ? '1 job is a dead letter, which could still be retried. Deleted, it is gone for good.'
      : `${jobsText(dead)} are dead letters, which could still be retried. Deleted, they are gone for good.`,
  ),
  warn(
    'ARTIFACTS',
    withArtifacts,
    `${jobsText(withArtifacts)} ${withArtifacts === 1 ? 'has' : 'have'} artifacts, which are deleted too.`,
  ),
]

function circuitMessage(
  jobType: string,
  { trialMayStartAt, failures, outcomes }: NonNullable<TypeFacts['circuit']>,
): string {
  const at = `${trialMayStartAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `The circuit of ${jobType} is open (${failures} of ${outcomes} attempts failed): its jobs wait. One may try from ${at}, the rest follows when it completes.`
}

const limitMessage = (whose: string, limit: number) =>
  limit === 0
    ? `${whose} may run no job at all: its limit is 0.`
    : `${whose} runs at most ${jobsText(limit)} at once: the others take their turn.`

const warn = (code: WarningCode, count: number, message: string): ForecastWarning => ({ code, count, message })
const jobsText = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'job' : 'jobs'}`
const jobsAre = (count: number) => `${jobsText(count)} ${count === 1 ? 'is' : 'are'}`
const byWhom = ({ by: who, reason }: PauseFacts) => ` by ${who}${reason ? ` (“${reason}”)` : ''}`
