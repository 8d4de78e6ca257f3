/** Where figures lead: to the jobs that they count. Pure. */

/** The time that a figure covers, as ISO strings. `to` itself is not included. */
export interface Span {
  from: string
  to: string
}
/** Narrows a figure to a job type or a cause. Without them, all types and all causes are meant. */
interface About {
  jobType?: string
  cause?: string
}

function path(params: Record<string, string | undefined>): string {
  const query = Object.entries(params).flatMap(([name, value]) =>
    // Colons and commas stay as they are, so that times and lists in the address can be read.
    value ? [`${name}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2C', ',')}`] : [],
  )
  return `/jobs?${query.join('&')}`
}

export const submittedPath = ({ from, to }: Span, { jobType }: About = {}) =>
  path({ type: jobType, after: from, before: to })

export const completedPath = ({ from, to }: Span, { jobType }: About = {}) =>
  path({ status: 'COMPLETED', type: jobType, endedAfter: from, endedBefore: to })

/** The jobs with an attempt that failed in this time. The list also says how many attempts that were. */
export const failedPath = ({ from, to }: Span, { jobType, cause }: About = {}) =>
  path({ type: jobType, cause, failedAfter: from, failedBefore: to })

/** The jobs that died in this time. */
export const diedPath = ({ from, to }: Span, { jobType, cause }: About = {}) =>
  path({ status: 'DEAD_LETTER', type: jobType, cause, endedAfter: from, endedBefore: to })

const WAITING = 'PENDING,QUEUED,FAILED,TIMED_OUT'
/** All jobs that wait, or those of one type. */
export const waitingPath = (jobType?: string) => path({ status: WAITING, type: jobType })

export const runningPath = (jobType: string) => path({ status: 'RUNNING', type: jobType })

/**
 * The jobs that wait for one of these reasons and have waited at least this long. The time is rounded down to whole
 * seconds, so that the job that has waited longest is in the list. It is at least one second, because `0s` is no filter.
 */
export const longestWaitPath = (seconds: number, codes: readonly string[]) =>
  path({ waiting: `${Math.max(1, Math.floor(seconds))}s`, waitingFor: codes.join(',') })
