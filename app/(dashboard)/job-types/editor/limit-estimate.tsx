/** Another value of a limit of a job type. Null: no limit. */
export interface WhatIf {
  jobType: string
  concurrency: { global: number | null; perOrganization: number | null }
}

/**
 * The place beside a limit for how long the queue would take with it. It shows nothing until `metrics.waiting`
 * takes `whatIf`.
 */
export function LimitEstimate(_: WhatIf) {
  return null
}
