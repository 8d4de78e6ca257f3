import { afterEach, beforeEach, expect } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, tester, unique } from '@/testing/engine'
import { checkInvariants } from '../../invariants'
import { getBulk, runBulks, startBulk, submitJobs, type ActKind, type BulkView, type SubmitInput } from '../../index'
import type { BulkRequest } from './bulk'

/** Opens a database for a file that tests bulk actions, and clears it before each test. */
export async function openBulkWorld() {
  const { database, db, world } = await openWorld({ max: 20 })

  beforeEach(async () => {
    await db.$executeRaw`DELETE FROM bulk_actions`
    await clearJobs(db)
  })
  afterEach(async () => expect(await checkInvariants(db, { quiet: true })).toEqual([]))

  /** Asks for a bulk action as an ADMIN. */
  const ask = (kind: ActKind, selection: BulkRequest['selection'], more: Partial<BulkRequest> = {}) =>
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

  /** Makes so many new jobs, and returns them in the order of their ids. */
  async function many(count: number, job: Partial<SubmitInput> = {}): Promise<string[]> {
    const ids: string[] = []
    for (let at = 0; at < count; at += 1000) {
      const jobs = Array.from({ length: Math.min(1000, count - at) }, () => ({
        jobType: 'plain',
        parameters: unique(),
        ...job,
      }))
      ids.push(
        ...(await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })).map(({ id }) => id),
      )
    }
    return ids.sort()
  }

  /** Carries a bulk action on, as the leader does, until it is over. */
  async function runToEnd(bulkId: string): Promise<BulkView> {
    for (;;) {
      await runBulks(db, { forMs: 60_000 })
      const bulk = await getBulk(db, bulkId, scope())
      if (bulk.status !== 'RUNNING') return bulk
    }
  }

  const countOf = (status: string) =>
    db.job.count({ where: { organizationId: world.organizationId, status: status as 'CANCELED' } })
  /** Makes a dead job, and returns its id. */
  const dead = async (job: Partial<SubmitInput> = {}) => {
    const claimed = await running(world, job)
    await finish(world, ends.dead(claimed))
    return claimed.jobId
  }

  return { database, db, world, ask, scope, all, many, runToEnd, countOf, dead }
}
