import {
  HOLDS_REMEMBERED_SECONDS,
  merged,
  NOTHING_HELD,
  QUEUE_NAMES,
  withoutOrganizations,
  type Held,
  type HeldStretch,
  type QueueName,
} from '@/server/engine'

/** The most stretches that one statement is told. Those with the most lanes are taken. */
const MOST_TOLD = 50

/** The most that are remembered. The ones that were seen last count. */
const MOST_KNOWN = 500

/** After so many organizations between two rounds, all count as changed. */
const MOST_CHANGED = 1_000

type Known = HeldStretch & { since: number }

/**
 * Remembers which stretches of organizations have nothing but work that a hold keeps back, so that a walk passes each in
 * one step. A signal of PostgreSQL says when that may have changed: for one organization, because a job came there, or
 * for all, because a hold ended. Signals can be lost, so nothing is remembered for longer than 30 s.
 */
export class HeldWork {
  private known: Record<QueueName, Known[]> = { INLINE: [], ISOLATED: [] }
  /** The organizations for which something changed since the last round began. Its walk may have looked too early. */
  private readonly changed = new Set<string>()
  /** The same, for all organizations. */
  private everythingChanged = false
  private roundBegan = -Infinity

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Something changed for one organization, or, without one, anywhere. */
  forget(organizationId?: string): void {
    if (organizationId !== undefined && this.changed.size < MOST_CHANGED) {
      this.changed.add(organizationId)
      this.keep((stretches) => withoutOrganizations(stretches, [organizationId]))
    } else {
      this.everythingChanged = true
      this.keep(() => [])
    }
  }

  /** A round begins. Gives what its walk may pass over in those queues. */
  begin(queues: readonly QueueName[]): Held {
    this.changed.clear()
    this.everythingChanged = false
    this.roundBegan = this.now()
    const since = this.roundBegan - HOLDS_REMEMBERED_SECONDS * 1000
    this.keep((stretches) => stretches.filter((stretch) => stretch.since > since))
    const told = { ...NOTHING_HELD }
    for (const queue of queues)
      told[queue] = merged(this.known[queue])
        .sort((a, b) => b.lanes - a.lanes)
        .slice(0, MOST_TOLD)
    return told
  }

  /** What the walk of the round saw. It holds from the beginning of the round. */
  learn(seen: Held): void {
    if (this.everythingChanged) return
    for (const queue of QUEUE_NAMES) {
      const fresh = withoutOrganizations(seen[queue], [...this.changed])
      // A fresh stretch takes the place of those that lie within it.
      const older = this.known[queue].filter(
        (old) => !fresh.some(({ above, bottom }) => bottom <= old.bottom && old.above <= above),
      )
      this.known[queue] = [...older, ...fresh.map((stretch) => ({ ...stretch, since: this.roundBegan }))].slice(
        -MOST_KNOWN,
      )
    }
  }

  private keep(what: (stretches: Known[]) => Known[]): void {
    for (const queue of QUEUE_NAMES) this.known[queue] = what(this.known[queue])
  }
}
