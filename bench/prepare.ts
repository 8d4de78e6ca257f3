import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { createMissingJobTypes } from '@/server/engine'
import type { Db } from '@/server/db'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '@/server/engine/domain/api-key'
import type { KeyRole } from '@/server/generated/prisma/enums'
import { queueOf, SHIPPED_JOB_TYPES } from '@/worker/catalog/catalog'

// What the database of a bench holds before it begins.

/** The organization whose jobs are measured, or whose jobs are in the way of others. */
export const ORGANIZATION = '01900000-0000-7000-8000-00000000be4c'
/** Another one, for measures of what it feels of the first. */
export const NEIGHBOUR = '01900000-0000-7000-8000-00000000be4d'

/** Removes all jobs, and makes these two organizations and the job types that ship. */
export async function prepareDatabase(db: Db): Promise<void> {
  await db.$executeRaw`TRUNCATE jobs, job_inputs, job_search, job_results, job_dependencies, job_attempts, job_logs, execution_logs, artifacts, dedupe_claims, idempotency_keys,
    rate_admissions, usage_deltas, organization_usage, metric_rollups, rollup_progress, attempt_tokens, circuits, workers, bulk_actions, bulk_items`
  await db.organization.createMany({
    data: [
      // With a quota that no backlog reaches.
      { id: ORGANIZATION, name: 'Bench', slug: 'bench', maxUnfinished: 1_000_000 },
      { id: NEIGHBOUR, name: 'Neighbour', slug: 'neighbour' },
    ],
    skipDuplicates: true,
  })
  await createMissingJobTypes(db, SHIPPED_JOB_TYPES, queueOf)
}

/** Makes a key of the organization whose limit of calls is too high to matter. */
export async function createBenchKey(db: Db, role: KeyRole): Promise<string> {
  const key = generateApiKey()
  await db.apiKey.create({
    data: {
      id: uuidv7(),
      organizationId: ORGANIZATION,
      name: 'bench',
      role,
      prefix: apiKeyPrefix(key),
      hash: Uint8Array.from(hashApiKey(key)),
      callsPerSecond: 1_000_000,
    },
  })
  return key
}

/** What is done before the clock of each engine starts, so that none has old statistics or pages to write out. */
export async function settleDatabase(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('VACUUM ANALYZE')
  await client.query('CHECKPOINT')
  await client.end()
}
