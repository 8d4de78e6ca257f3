import type { Actor } from './types'

/**
 * A stretch of time in which a pause, a suspension or an open circuit held back the jobs of one organization and type.
 * A pause that gets another reason is two of them.
 */
export interface JobHold {
  /** A suspension counts as a pause of the organization. */
  kind: 'pause' | 'circuit'
  /** What was paused. A circuit is that of the job's type in its organization. */
  target: 'platform' | 'organization' | 'jobType' | 'circuit'
  from: Date
  /** Null where it still goes on. */
  to: Date | null
  /** Who began it: whoever paused, or gave a pause this reason. */
  by: Actor
  /** The reason that was given. Whoever may read a job may read it: `jobs.explain` tells it, too. */
  reason: string | null
}

/** An entry of the audit about something that may hold jobs back. */
export interface HoldAct {
  at: Date
  action: string
  targetType: string
  by: Actor
  reason: string | null
}

const BEGINS = new Set(['control.pause', 'organization.suspend', 'circuit.open'])
/** A key for each hold. A pause and a suspension of one organization are two holds, each with its own end. */
const holdOf = ({ action, targetType }: HoldAct) =>
  `${targetType} ${action === 'organization.suspend' || action === 'organization.resume' ? 'suspension' : 'hold'}`

/**
 * The holds between two moments, from the acts that began and ended them, oldest act first. `to` is null for a job that
 * has not ended. Of each pause, suspension and circuit, the last act before `from` must be among them, so that a hold
 * that had begun earlier is known, and so must the first end after `to`.
 */
export function holdsOf(acts: readonly HoldAct[], { from, to }: { from: Date; to: Date | null }): JobHold[] {
  const going = new Map<string, JobHold>()
  const holds: JobHold[] = []
  for (const act of acts) {
    const key = holdOf(act)
    const known = going.get(key)
    if (BEGINS.has(act.action)) {
      const { at, by, reason } = act
      const target = act.targetType as JobHold['target']
      // What is paused is paused again only to give it another reason, which counts from then on.
      if (known) known.to = at
      const hold: JobHold = { kind: target === 'circuit' ? 'circuit' : 'pause', target, from: at, to: null, by, reason }
      going.set(key, hold)
      holds.push(hold)
    } else if (known) {
      known.to = act.at
      going.delete(key)
    }
  }
  return holds.filter((hold) => (hold.to === null || hold.to > from) && (to === null || hold.from < to))
}
