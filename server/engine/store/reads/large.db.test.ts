import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import type { JobFilter } from '../../domain/job-filter'
import { listJobs } from './job-lists'
import { rowsRead } from './rows-read.fixture'

// 50,000 jobs in 200 organizations. A page of 25 must not read or sort a good part of them, whatever it is filtered by.

const { db } = await openDatabase()

const ORGANIZATIONS = 200
const organization = (n: number) => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const everything = { all: true } as const
const one = { organizationIds: [organization(7)] }

beforeAll(async () => {
  await db.$executeRaw`
    INSERT INTO organizations (id, name, slug)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Organization ' || n, 'organization-' || n
    FROM generate_series(1, ${ORGANIZATIONS}::int) n`
  await db.$executeRaw`
    WITH types AS (
      INSERT INTO job_types (name, display_name, handler, parameter_schema) SELECT 'type.' || n, 'Type ' || n, 'noop', '{}'
      FROM generate_series(0, 9) n RETURNING name)
    INSERT INTO job_type_versions (job_type, version, config, handler, created_by) SELECT name, 1, '{}', 'noop', '{}' FROM types`
  await db.$executeRaw`
    WITH made AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name,
        max_retries, timeout_seconds, priority, run_at, rank_at, is_due, finished_at, error_message, error_class, error_fingerprint)
      SELECT (lpad(to_hex(1700000000000 + n * 1000), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid,
        ('01900000-0000-7000-8000-' || lpad(to_hex(1 + n % ${ORGANIZATIONS}::int), 12, '0'))::uuid, 'type.' || (n / 7 % 10), 1, 'INLINE', s.status::"JobStatus",
        'SYSTEM', 'test', 0, 60, (ARRAY['LOW', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + n / 3 % 4]::"JobPriority", now(), now() + interval '1 day', FALSE,
        CASE WHEN s.status IN ('COMPLETED', 'DEAD_LETTER') THEN now() END,
        CASE WHEN s.status = 'DEAD_LETTER' THEN 'Broken ' || n % 50 END, CASE WHEN s.status = 'DEAD_LETTER' THEN 'PERMANENT'::"ErrorClass" END,
        CASE WHEN s.status = 'DEAD_LETTER' THEN 'broken-' || n % 50 END
      FROM generate_series(1, 50000) n
      CROSS JOIN LATERAL (SELECT CASE WHEN n / 11 % 20 = 0 THEN 'DEAD_LETTER' WHEN n / 11 % 20 < 4 THEN 'PENDING' ELSE 'COMPLETED' END AS status) s
      RETURNING id, organization_id, job_type, priority),
    inputs AS (
      INSERT INTO job_inputs (job_id, organization_id, job_type, priority, parameters)
      SELECT id, organization_id, job_type, priority, jsonb_build_object('number', right(id::text, 4)) FROM made)
    INSERT INTO job_search (job_id, organization_id, title, words)
    SELECT id, organization_id, 'Title', to_tsvector('simple', 'common number' || right(id::text, 4)) FROM made`
  await db.$executeRaw`VACUUM ANALYZE`
}, 120_000)

/**
 * Rows. For a status that few jobs have, 26 ids of each organization and status are looked at, and 25 jobs read with
 * what lies beside them.
 */
const OF_A_PAGE = 8_000

const statuses: { named: string; status?: JobFilter['status'] }[] = [
  { named: 'any status' },
  { named: 'COMPLETED', status: ['COMPLETED'] },
  { named: 'DEAD_LETTER', status: ['DEAD_LETTER'] },
  { named: 'an unfinished status', status: ['PENDING', 'QUEUED', 'RUNNING'] },
  { named: 'a status that no job has', status: ['RUNNING'] },
]
const types: JobFilter['jobType'][] = [undefined, ['type.3'], ['type.1', 'type.2']]
const priorities: JobFilter['priority'][] = [undefined, ['CRITICAL']]
const rest: JobFilter[] = [{}, { jobTypePrefix: 'type.' }, { errorFingerprint: 'broken-3' }]

describe.each([
  ['all organizations', everything],
  ['one organization', one],
] as const)('a page of jobs of %s', (_, scope) => {
  test.each(statuses)(
    'of $named reads no more than a page needs, whatever else it is filtered by',
    async ({ status }) => {
      const tooMuch: unknown[] = []
      for (const jobType of types)
        for (const priority of priorities)
          for (const more of rest) {
            const filter: JobFilter = {
              status,
              jobType,
              priority,
              ...more,
            }
            const read = await rowsRead(db, (tx) => listJobs(tx, { filter, limit: 25 }, scope))
            if (read.rows > OF_A_PAGE || read.sorted > OF_A_PAGE || read.whole.length > 0)
              tooMuch.push({ filter, ...read })
          }
      expect(tooMuch).toEqual([])
    },
  )
})
