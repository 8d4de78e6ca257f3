import type { Db } from '@/server/db'
import { createMissingJobTypes, followShippedSchemas, forgetRollups, remakePeaks } from '@/server/engine'
import { queueOf, SHIPPED_JOB_TYPES } from '@/worker/catalog/catalog'
import { readCredentials, writeCredentials } from './credentials'
import { DEMO_JOB_TYPES } from './demo-job-types'
import { tellHistory } from './history'
import { insertHistory } from './insert-history'
import { createDemoSchedules } from './schedules'
import { completeCredentials, createDemoOrganizations, hashMissingPasswords, type DemoAccess } from './organizations'

/** The number of the advisory lock by which two seeds of one database wait for each other. No other lock has it. */
const SEED_LOCK = 7_301_100_410

/**
 * Makes a migrated database usable: it adds the shipped job types, brings their schemas up to date and, with a
 * `demoFile`, demo organizations with accounts, keys and some days of jobs. A second run changes nothing else that
 * exists.
 */
export async function seed(db: Db, { demoFile, now }: { demoFile?: string; now: number }): Promise<DemoAccess> {
  if (!demoFile) {
    await db.$transaction(async (tx) => {
      await createMissingJobTypes(tx, SHIPPED_JOB_TYPES, queueOf)
      await followShippedSchemas(tx, SHIPPED_JOB_TYPES)
    })
    return { accounts: [], apiKeys: [] }
  }
  const { complete, fresh } = completeCredentials(await readCredentials(demoFile))
  // The file is written before the database. A crash in between must not leave accounts that nobody can sign in to.
  if (fresh.size > 0) await writeCredentials(demoFile, complete)
  const hashes = await hashMissingPasswords(db, complete, fresh)
  return db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEED_LOCK})`
      await createMissingJobTypes(tx, [...SHIPPED_JOB_TYPES, ...DEMO_JOB_TYPES], queueOf)
      await followShippedSchemas(tx, SHIPPED_JOB_TYPES)
      const { organizations, access } = await createDemoOrganizations(tx, complete, hashes)
      for (const organization of organizations) {
        if (await tx.job.findFirst({ where: { organizationId: organization.id }, select: { id: true } })) continue
        const { lives, workers } = tellHistory(organization, now)
        await insertHistory(tx, lives, workers, now)
        await createDemoSchedules(tx, organization)
        // The new jobs lie in days whose sums may exist already, so these sums are made again.
        await forgetRollups(tx)
        await remakePeaks(tx)
      }
      return access
    },
    { timeout: 120_000 },
  )
}
