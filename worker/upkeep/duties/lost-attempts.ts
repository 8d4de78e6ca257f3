import { LEASE_SECONDS, rescueLost } from '@/server/engine'
import { counter } from '@/server/telemetry/metrics/registry'
import type { Duty, DutyContext } from '../duty'

const rescued = counter('jobyard_jobs_rescued_total')

/**
 * Brings back the jobs of workers that were killed or cut off, because nobody renews their leases any more. A worker that
 * is cut off and still lives no longer runs such a job, because it stops its work before the lease ends.
 */
export const lostAttempts = ({ db, ledMs }: DutyContext): Duty => ({
  name: 'rescue of lost attempts',
  everyMs: 1_000,
  needs: 'postgresql',
  async run() {
    // While PostgreSQL was away no worker could renew. A leader that has just connected gives them the time to do so.
    if (ledMs() < LEASE_SECONDS * 1000) return {}
    const jobs = await rescueLost(db)
    rescued.inc(jobs)
    return { jobs, note: jobs > 0 ? `brought back ${jobs} jobs of lost workers` : undefined }
  },
})
