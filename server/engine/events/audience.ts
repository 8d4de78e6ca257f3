/** What the audience knows of a subscription: the organization, or the one job, that it is about. */
export interface Listener {
  readonly organizationId: string
  /** Undefined means every job of the organization. */
  readonly jobId: string | undefined
}

interface OfOrganization<L> {
  everything: Set<L>
  byJob: Map<string, Set<L>>
}

/**
 * The subscriptions of one process, found by organization and job. There may be a thousand of them. For each row only
 * the subscriptions that want it are looked at, and not all of them.
 */
export class EventAudience<L extends Listener> {
  private readonly byOrganization = new Map<string, OfOrganization<L>>()
  private readonly members = new Set<L>()

  get size(): number {
    return this.members.size
  }

  /** The organizations of all subscriptions. */
  organizationIds(): string[] {
    return [...this.byOrganization.keys()]
  }

  all(): Iterable<L> {
    return this.members
  }

  add(listener: L): void {
    const { organizationId, jobId } = listener
    this.members.add(listener)
    const organization = getOrMake(this.byOrganization, organizationId, () => ({
      everything: new Set<L>(),
      byJob: new Map<string, Set<L>>(),
    }))
    if (jobId === undefined) organization.everything.add(listener)
    else getOrMake(organization.byJob, jobId, () => new Set<L>()).add(listener)
  }

  remove(listener: L): void {
    const { organizationId, jobId } = listener
    const organization = this.byOrganization.get(organizationId)
    if (!this.members.delete(listener) || !organization) return
    organization.everything.delete(listener)
    if (jobId !== undefined) {
      const same = organization.byJob.get(jobId)
      same?.delete(listener)
      if (same?.size === 0) organization.byJob.delete(jobId)
    }
    if (organization.everything.size === 0 && organization.byJob.size === 0) this.byOrganization.delete(organizationId)
  }

  /** Calls `tell` for each subscription that is about this job. */
  forEach({ organizationId, jobId }: { organizationId: string; jobId: string }, tell: (listener: L) => void): void {
    const organization = this.byOrganization.get(organizationId)
    if (!organization) return
    organization.everything.forEach(tell)
    organization.byJob.get(jobId)?.forEach(tell)
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
