import { Prisma, type DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import { lives, queueLoads } from '../live-workers'
import { organizationSource } from './filter'
import { longestRun, type RunningJob } from './running'

/** Minutes over which the ends of jobs are counted. */
export const RATE_MINUTES = 5

/** How all workers together do. Slots belong to the platform; the rate and the longest run are those of a scope. */
export interface FleetView {
  workers: { alive: number; draining: number }
  /** Slots of the workers that take work. */
  slots: { isolated: number; inline: number }
  /** How many slots are taken, by jobs of whatever organization. */
  busy: { isolated: number; inline: number }
  /** Jobs of the scope that completed in a minute, on average over the last five. */
  jobsPerMinute: number
  longestRun: RunningJob | null
}

export async function fleetOf(db: DbOrTx, scope: Scope): Promise<FleetView> {
  const [loads, [workers], completed, longest] = await Promise.all([
    queueLoads(db),
    db.$queryRaw<{ alive: number; draining: number }[]>`
      SELECT count(*) FILTER (WHERE draining_at IS NULL)::int AS alive, count(*) FILTER (WHERE draining_at IS NOT NULL)::int AS draining
      FROM workers WHERE ${lives}`,
    completedLately(db, scope),
    longestRun(db, scope),
  ])
  return {
    workers: workers!,
    slots: { isolated: loads.ISOLATED.slots, inline: loads.INLINE.slots },
    busy: { isolated: loads.ISOLATED.running, inline: loads.INLINE.running },
    jobsPerMinute: completed / RATE_MINUTES,
    longestRun: longest,
  }
}

/** Read by index for one organization after the other. */
async function completedLately(db: DbOrTx, scope: Scope): Promise<number> {
  const since = Prisma.sql`(SELECT clock_timestamp() - ${RATE_MINUTES} * interval '1 minute')`
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM ${organizationSource(scope)} CROSS JOIN LATERAL (
      SELECT 1 FROM job_attempts a WHERE a.organization_id = o.id AND a.ended_at > ${since} AND a.outcome = 'COMPLETED') a`
  return row!.count
}
