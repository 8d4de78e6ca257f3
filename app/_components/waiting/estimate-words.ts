/** Words for the answer of `metrics.waiting`: how long it takes until waiting jobs have run, and what decides that. */
export interface Estimate {
  seconds: number
  limitedBy: {
    of: 'slots' | 'organization' | 'jobType' | 'jobTypeInOrganization' | 'time'
    jobType: string | null
    limit: number | null
  }
}

// In seconds.
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * A time as "under a minute", "about 31 min", "about 2 h 10 min" or "about 3 days". An estimate is no more exact than
 * that.
 */
export function spanWords(seconds: number): string {
  if (seconds < MINUTE) return 'under a minute'
  const minutes = Math.round(seconds / MINUTE)
  if (minutes < 60) return `about ${minutes} min`
  if (seconds < DAY) {
    const tens = Math.round(minutes / 10) * 10
    const rest = tens % 60
    return `about ${Math.floor(tens / 60)} h${rest > 0 ? ` ${rest} min` : ''}`
  }
  const days = Math.round(seconds / DAY)
  return days === 1 ? 'about a day' : `about ${days} days`
}

/** What decides how long it takes, as a part of a sentence: "report.monthly’s limit of 2 decides". */
export function whatDecides({ limitedBy: { of, jobType, limit } }: Estimate): string {
  switch (of) {
    case 'slots':
      return limit === 1 ? 'the only slot decides' : `the ${limit?.toLocaleString('en')} slots decide`
    case 'organization':
      return `the organization’s limit of ${limit?.toLocaleString('en')} decides`
    case 'jobType':
      return `${jobType}’s limit of ${limit?.toLocaleString('en')} decides`
    case 'jobTypeInOrganization':
      return `${jobType}’s limit of ${limit?.toLocaleString('en')} in an organization decides`
    case 'time':
      return 'the time that they are planned for decides'
  }
}
