import { WAITING_STATUSES } from '@/app/_components/job-status'

/** Identifies a cause of failures. */
interface Cause {
  organizationId: string
  errorFingerprint: string
  /** Without it, the jobs of every type are meant. */
  jobTypes?: readonly string[]
}

// In each of these functions, `chosen` is the organization that the page shows. Where the page shows all organizations
// (undefined), the address names the organization of the cause.

const search = (params: Record<string, string | undefined>) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value)
  return query.toString()
}

/**
 * The address of the jobs whose last error has this cause and that wait: for the time of their next attempt, or for a
 * worker after somebody retried them. Running jobs are not among them.
 */
export function openJobsOfCause(
  { organizationId, errorFingerprint, jobTypes }: Cause,
  { chosen }: { chosen: string | undefined },
): string {
  return `/jobs?${search({
    status: WAITING_STATUSES.join(','),
    type: jobTypes?.join(','),
    cause: errorFingerprint,
    org: chosen ? undefined : organizationId,
  })}`
}

/** The address of the jobs whose last error has this cause. With `dead`, it lists only those in DEAD_LETTER. */
export function jobsOfCause(
  { organizationId, errorFingerprint, jobTypes }: Cause,
  { dead, chosen }: { dead: boolean; chosen: string | undefined },
): string {
  return `/jobs?${search({
    status: dead ? 'DEAD_LETTER' : undefined,
    type: jobTypes?.join(','),
    cause: errorFingerprint,
    org: chosen ? undefined : organizationId,
  })}`
}

/**
 * The address that opens this cause on the page of dead letters: for the first of `jobTypes`, or for the jobs of every
 * type.
 * @param tried the job of the cause that is being tried
 * @param staysOverAll the page goes on to show all organizations behind the cause
 */
export function drawerOfCause(
  { organizationId, errorFingerprint, jobTypes }: Cause,
  { chosen, tried, staysOverAll = false }: { chosen: string | undefined; tried?: string; staysOverAll?: boolean },
): string {
  return `/dead-letter?${search({
    cause: errorFingerprint,
    of: jobTypes?.[0],
    tried,
    at: staysOverAll ? organizationId : undefined,
    org: chosen || staysOverAll ? undefined : organizationId,
  })}`
}
