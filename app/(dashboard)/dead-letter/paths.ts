/** Which dead letters, or which failures, are meant. */
interface Cause {
  organizationId: string
  errorFingerprint: string
  /** Absent: of every job type. */
  jobTypes?: readonly string[]
}

// `chosen` is the organization that the page shows. Where it shows all of them (undefined), a path names the one that
// the cause belongs to.

const search = (params: Record<string, string | undefined>) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value)
  return query.toString()
}

/** The jobs whose last error is of this cause; with `dead` those in DEAD_LETTER alone. */
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

/** The dead letters of this cause, opened on the page of dead letters. */
export function drawerOfCause(
  { organizationId, errorFingerprint, jobTypes }: Cause,
  { chosen }: { chosen: string | undefined },
): string {
  return `/dead-letter?${search({
    cause: errorFingerprint,
    of: jobTypes?.[0],
    org: chosen ? undefined : organizationId,
  })}`
}
