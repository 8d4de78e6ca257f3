/** Where the figures of the overview lead: to the jobs that they count. Pure. */

/** The time that a figure is about, as ISO strings. `to` is not part of it. */
export interface Span {
  from: string
  to: string
}
/** Left out: of every job type, of every cause. */
interface About {
  jobType?: string
  cause?: string
}

function path(params: Record<string, string | undefined>): string {
  const query = Object.entries(params).flatMap(([name, value]) =>
    value ? [`${name}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2C', ',')}`] : [],
  )
  return `/jobs?${query.join('&')}`
}

export const submittedPath = ({ from, to }: Span, { jobType }: About = {}) =>
  path({ type: jobType, after: from, before: to })

export const completedPath = ({ from, to }: Span, { jobType }: About = {}) =>
  path({ status: 'COMPLETED', type: jobType, endedAfter: from, endedBefore: to })

/** The jobs of which an attempt failed in the time. The list says how many attempts that were. */
export const failedPath = ({ from, to }: Span, { jobType, cause }: About = {}) =>
  path({ type: jobType, cause, failedAfter: from, failedBefore: to })

/** The jobs that died of a cause in the time. */
export const diedPath = ({ from, to }: Span, { jobType, cause }: About = {}) =>
  path({ status: 'DEAD_LETTER', type: jobType, cause, endedAfter: from, endedBefore: to })

const WAITING = 'PENDING,QUEUED,FAILED,TIMED_OUT'
export const waitingPath = (jobType: string) => path({ status: WAITING, type: jobType })

/** What could run now, and has waited for that long. */
export const longestWaitPath = (seconds: number, codes: readonly string[]) =>
  path({ waiting: `${Math.max(1, Math.floor(seconds))}s`, waitingFor: codes.join(',') })
