import { expect, test } from 'vitest'
import { Prisma, type Db, type Tx } from '@/server/db'
import { openWorld } from '@/testing/engine'
import { pruneBulks } from '../../store/bulk'
import { pruneCauses } from '../../store/cause-acts'
import { rowsRead } from '../../store/reads/rows-read.fixture'
import { prunePeaks } from '../../store/usage-peaks'
import { runSchedules } from '../schedules/run-due'
import { retireUnusedUploads } from '../uploads/remove'
import { removeExpired } from './expiry'

// What the leader looks for again and again costs next to nothing while nothing of it is due. Each case fills a table with
// rows whose time has not come, and looks how many more pages are read for them.

const { db, world } = await openWorld()
const { sql } = Prisma
const each = sql`generate_series(1, 5000) n`
const organization = sql`${world.organizationId}::uuid`
const tomorrow = sql`clock_timestamp() + interval '1 day'`

interface Case {
  rows: Prisma.Sql
  look: (tx: Tx) => Promise<unknown>
}

const expired = (tx: Tx) => removeExpired(tx as Db, null)
const CASES: Record<string, Case> = {
  'idempotency keys': {
    rows: sql`idempotency_keys (organization_id, job_type, key, job_id, input_hash, expires_at)
      SELECT ${organization}, 'plain', 'key ' || n, gen_random_uuid(), '', ${tomorrow} FROM ${each}`,
    look: expired,
  },
  'failed sign-ins': {
    rows: sql`sign_in_attempts (key, failures, last_at) SELECT sha256(n::text::bytea), 1, clock_timestamp() FROM ${each}`,
    look: expired,
  },
  'ended sessions': {
    rows: sql`ended_sessions (id, ended_at) SELECT gen_random_uuid(), clock_timestamp() FROM ${each}`,
    look: expired,
  },
  'peaks of organizations': {
    rows: sql`usage_peaks (organization_id, at, unfinished, running)
      SELECT gen_random_uuid(), date_trunc('hour', clock_timestamp()), 1, 0 FROM ${each}`,
    look: (tx) => prunePeaks(tx as Db),
  },
  'acts on causes': {
    rows: sql`cause_acts (organization_id, job_type, error_fingerprint, act_id, kind, acted_by, jobs, at)
      SELECT ${organization}, 'plain', 'cause ' || n, gen_random_uuid(), 'RETRY', '{}', 1, clock_timestamp() FROM ${each}`,
    look: (tx) => pruneCauses(tx as Db),
  },
  uploads: {
    rows: sql`uploads (id, organization_id, content_type, created_by) SELECT gen_random_uuid(), ${organization}, 'text/csv', '{}' FROM ${each}`,
    look: (tx) => retireUnusedUploads(tx as Db),
  },
  'bulk actions': {
    rows: sql`bulk_actions (id, organization_id, kind, status, requested_by_type, requested_by_name, role, own_only, finished_at)
      SELECT gen_random_uuid(), ${organization}, 'CANCEL', 'COMPLETED', 'SYSTEM', 'test', 'ADMIN', FALSE, clock_timestamp() FROM ${each}`,
    look: (tx) => pruneBulks(tx as Db),
  },
  schedules: {
    rows: sql`schedules (id, organization_id, name, job_type, cron, time_zone, parameters, missed, created_by, next_run_at, due_at)
      SELECT gen_random_uuid(), ${organization}, 'Schedule ' || n, 'plain', '0 0 * * *', 'UTC', '{}', '"skip"', '{}', ${tomorrow}, ${tomorrow} FROM ${each}`,
    look: (tx) => runSchedules(tx as Db, { forMs: 0 }),
  },
}

test.each(Object.keys(CASES))(
  'while none of thousands of %s is due, a look of the leader reads none of them',
  async (what) => {
    const { rows, look } = CASES[what]!
    const pages = async () => {
      await db.$executeRaw`ANALYZE`
      return (await rowsRead(db, look, 'worker')).pages
    }
    const before = await pages()
    await db.$executeRaw`INSERT INTO ${rows}`
    expect((await pages()) - before).toBeLessThan(30)
  },
)
