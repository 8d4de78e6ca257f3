import { afterEach, beforeEach, expect } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, tester, unique } from '@/testing/engine'
import { checkInvariants } from '../../invariants'
import { getBulk, runBulks, startBulk, submitJobs, type ActKind, type BulkView, type SubmitInput } from '../../index'
import type { JobStatus } from '../../domain/types'
import type { BulkRequest } from './bulk'

/**
 * Opens a database for a file that tests bulk actions. Before each test it deletes all jobs and bulk actions. After each
 * test it checks the invariants.
 */
export async function openBulkWorld() {
  const { database, db, world } = await openWorld({ max: 20 })

  beforeEach(async () => {
    await db.$executeRaw`DELETE FROM bulk_actions`
    await clearJobs(db)
  })
  afterEach(async () => expect(await checkInvariants(db, { quiet: true })).toEqual([]))

  /** Starts a bulk action as an ADMIN. */
  const startAsAdmin = (kind: ActKind, selection: BulkRequest['selection'], more: Partial<BulkRequest> = {}) =>
    startBulk(db, {
      kind,
      organizationId: world.organizationId,
      selection,
      role: 'ADMIN',
      actor: tester,
      address: '203.0.113.9',
      ...more,
    })
  const scope = () => ({ organizationIds: [world.organizationId] })
  /** Selects every job of the organization. */
  const all = { filter: {} }

  /**
   * Makes `count` new jobs in submissions of at most 1,000, and returns their ids, sorted. Each has parameters of its own,
   * so that none is refused as a duplicate.
   */
  async function makeJobs(count: number, job: Omit<Partial<SubmitInput>, 'parameters'> = {}): Promise<string[]> {
    const ids: string[] = []
    for (let at = 0; at < count; at += 1000) {
      const jobs = Array.from({ length: Math.min(1000, count - at) }, () => ({
        jobType: 'plain',
        ...job,
        parameters: unique(),
      }))
      ids.push(
        ...(await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })).map(({ id }) => id),
      )
    }
    return ids.sort()
  }

  /** Carries a bulk action on, as the leader does, until it is over. A hundred rounds are far more than it may take. */
  async function runToEnd(bulkId: string): Promise<BulkView> {
    for (let round = 0; round < 100; round++) {
      const { failures } = await runBulks(db, { forMs: 60_000 })
      if (failures[0]) throw failures[0].error
      const bulk = await getBulk(db, bulkId, scope())
      if (bulk.status !== 'RUNNING') return bulk
    }
    throw new Error(`bulk action ${bulkId} does not end`)
  }

  const countOf = (status: JobStatus) => db.job.count({ where: { organizationId: world.organizationId, status } })
  /** Makes a job, runs it, and lets it end as DEAD_LETTER. Returns its id. */
  const makeDeadJob = async (job: Partial<SubmitInput> = {}) => {
    const claimed = await running(world, job)
    await finish(world, ends.dead(claimed))
    return claimed.jobId
  }

  return { database, db, world, startAsAdmin, scope, all, makeJobs, runToEnd, countOf, makeDeadJob }
}
