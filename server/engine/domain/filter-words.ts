import type { JobFilter, JobPriority, JobStatus } from './types'

/** What a filter asks for, as it is kept: its times are ISO strings. */
type Kept = { [Field in keyof JobFilter]?: JobFilter[Field] extends Date | undefined ? string : JobFilter[Field] }

const STATUS: Record<JobStatus, string> = {
  PENDING: 'pending',
  QUEUED: 'queued',
  RUNNING: 'running',
  FAILED: 'failed',
  TIMED_OUT: 'timed out',
  COMPLETED: 'completed',
  CANCELED: 'canceled',
  DEAD_LETTER: 'dead letter',
}

/** What the conditions of a filter mean, each as words that can stand in a list. An empty filter has none. */
const WORDS: { [Field in keyof Required<Omit<Kept, 'organizationId'>>]: (value: NonNullable<Kept[Field]>) => string } =
  {
    status: (names) => `status ${joinedByOr(names.map((name) => STATUS[name]))}`,
    jobType: (names) => `type ${joinedByOr(names)}`,
    jobTypePrefix: (prefix) => `type begins with ${prefix}`,
    priority: (names) => `priority ${joinedByOr(names.map((name: JobPriority) => name.toLowerCase()))}`,
    submittedById: (id) => `submitted by ${id}`,
    search: (words) => `search “${words}”`,
    args: (args) =>
      args
        .map(
          ({ path, value, values }) =>
            `${path} is ${joinedByOr((values ?? [value]).map((one) => JSON.stringify(one)))}`,
        )
        .join(', '),
    errorFingerprint: (fingerprint) => `error ${fingerprint}`,
    waitingLongerThanSeconds: (seconds) => `waiting for over ${durationText(seconds)}`,
    waitingFor: (codes) =>
      `waiting because of ${joinedByOr(codes.map((code) => code.toLowerCase().replaceAll('_', ' ')))}`,
    rerunOf: (id) => `repeats job ${id.slice(-8)}`,
    scheduleId: (id) => `submitted by schedule ${id.slice(-8)}`,
    bulkId: (id) => `changed by bulk action ${id.slice(-8)}`,
    requestId: (id) => `asked for in request ${id.slice(-8)}`,
    title: (words) => `title “${words}”`,
    failedAfter: (at) => `failed since ${timeText(at)}`,
    failedBefore: (at) => `failed before ${timeText(at)}`,
    createdAfter: (at) => `submitted since ${timeText(at)}`,
    createdBefore: (at) => `submitted before ${timeText(at)}`,
    endedAfter: (at) => `ended since ${timeText(at)}`,
    endedBefore: (at) => `ended before ${timeText(at)}`,
  }

/** "status failed or dead letter, type report.monthly, search “acme”". Times are UTC. */
export function filterInWords(filter: Kept): string {
  const found = Object.entries(filter).flatMap(([field, value]) => {
    if (field === 'organizationId' || value === undefined || value === null) return []
    if (Array.isArray(value) && value.length === 0) return []
    // A condition of a later version has no words here, and is named rather than left out.
    const words = (WORDS as Record<string, ((value: never) => string) | undefined>)[field]
    return [words ? words(value as never) : `${field} ${JSON.stringify(value)}`]
  })
  return found.length === 0 ? 'all jobs' : found.join(', ')
}

const joinedByOr = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

const timeText = (at: string) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function durationText(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const)
    if (seconds >= length && seconds % length === 0) return counted(seconds / length, unit)
  return counted(seconds, 'second')
}
const counted = (count: number, unit: string) => `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
