import { v7 as uuidv7 } from 'uuid'
import { createDb, type Db } from '@/server/db'
import {
  ANY_CREW,
  claimJobs,
  completed,
  dispatchRound,
  FIRST_TURNS,
  finishAttempts,
  listJobs,
  QUEUE_NAMES,
  submitJobs,
} from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { HeldWork } from '@/worker/dispatch/held'
import { line } from './line'
import { ORGANIZATION, prepareDatabase } from './prepare'
import { sessionTime } from './processor-time'

const actor = systemActor('bench')
/** Jobs that go through each step. The unit of processor time is 10 ms, so it takes some thousands. */
const MEASURED = 2_000
/** Jobs that one call takes through a step. */
const AT_ONCE = 200
/** Pages of a list that are read for the figure of one page. */
const LISTS = 100

/** So many jobs of each kind are there already (finished, for tomorrow, and due but paused), in so many organizations. */
interface Backlog {
  jobs: number
  organizations: number
}

/** What is measured: the steps of a job, and the reading of a list. */
export const STEPS = ['submit', 'dispatch', 'claim', 'complete', 'list'] as const
export type Step = (typeof STEPS)[number]

/**
 * What a job costs at each step, in processor time of PostgreSQL and of the process that asks, with ever more jobs and
 * organizations. A cost that does not grow is the same in each line.
 */
export async function growth(databaseUrl: string, { million = false } = {}): Promise<boolean> {
  const sizes = [1_000, 10_000, 100_000, ...(million ? [1_000_000] : [])]
  const first = await costsWith(databaseUrl, { jobs: 1_000, organizations: 1 })
  let ok = true
  const against = (name: string, costs: Record<Step, number>) => {
    const sum = (of: Record<Step, number>) => STEPS.reduce((total, step) => total + (step === 'list' ? 0 : of[step]), 0)
    ok =
      line(`growth: a job ${name}, against 1,000 in one organization`, sum(costs) / sum(first), 'times', {
        below: 1.5,
      }) && ok
  }
  for (const jobs of sizes.slice(1))
    against(`beside ${jobs} of each kind`, await costsWith(databaseUrl, { jobs, organizations: 1 }))
  for (const organizations of [100, 10_000, 100_000])
    against(`in ${organizations} organizations`, await costsWith(databaseUrl, { jobs: 100_000, organizations }))
  return ok
}

/** Prints and gives the microseconds of each step for one job, and of a list for one page. */
async function costsWith(databaseUrl: string, backlog: Backlog): Promise<Record<Step, number>> {
  const db = createDb(databaseUrl, { max: 1, workload: 'hotPath' })
  // As a web process, which plans each list for its own values.
  const web = createDb(databaseUrl, { max: 1 })
  await makeBacklog(db, backlog)
  const costs = {} as Record<Step, number>
  const measure = measuring(db, costs)
  // Statements are planned, and pages read, before anything is measured.
  const held = new HeldWork()
  await walkThrough(db, (_, __, work) => work(), { held })
  await walkThrough(db, measure, { held })
  const list = () =>
    listJobs(web, { filter: { status: ['COMPLETED'] }, limit: 25 }, { organizationIds: [ORGANIZATION] })
  await list()
  await measuring(web, costs)('list', LISTS, async () => {
    for (let n = 0; n < LISTS; n++) await list()
  })
  for (const step of STEPS)
    line(
      `  growth, ${backlog.jobs} of each kind in ${backlog.organizations} organizations: ${step}`,
      costs[step],
      'µs',
      undefined,
    )
  await prepareDatabase(db)
  await db.$executeRaw`DELETE FROM organizations WHERE slug LIKE 'growth-%'`
  await db.$executeRaw`DELETE FROM pauses`
  await Promise.all([db.$disconnect(), web.$disconnect()])
  return costs
}

/** Of this process and of its one session: other sessions, vacuum and checkpoints do not count. */
const timeUsed = async (db: Db): Promise<number> => {
  const session = await sessionTime(db)
  const { user, system } = process.cpuUsage()
  return session + (user + system) / 1e6
}

type Measure = <T>(step: Step, times: number, work: () => Promise<T>) => Promise<T>

/** Writes to `costs` how many microseconds a step took, divided by how many times it was done. */
export const measuring =
  (db: Db, costs: Partial<Record<Step, number>>): Measure =>
  async (step, times, work) => {
    const before = await timeUsed(db)
    const result = await work()
    costs[step] = (1e6 * ((await timeUsed(db)) - before)) / times
    return result
  }

/**
 * Takes jobs through their steps as a web process, a dispatcher and a worker do.
 * @param held what the dispatcher remembers of held work
 */
export async function walkThrough(
  db: Db,
  measure: Measure,
  { dedupe = true, held = new HeldWork() } = {},
): Promise<void> {
  await measure('submit', MEASURED, async () => {
    for (let from = 0; from < MEASURED; from += AT_ONCE) {
      const jobs = Array.from({ length: AT_ONCE }, () => ({
        jobType: 'sample.noop',
        parameters: { n: uuidv7() },
        dedupe,
      }))
      await submitJobs(db, { organizationId: ORGANIZATION, actor, jobs })
    }
  })
  // As the signal of the submission does.
  held.forget(ORGANIZATION)
  const worker = uuidv7()
  const tickets = await measure('dispatch', MEASURED, async () => {
    const taken = []
    let turns = FIRST_TURNS
    let takenBefore = -1
    while (taken.length < MEASURED) {
      const round = await dispatchRound(db, { INLINE: AT_ONCE }, [], turns, ANY_CREW, held.begin(QUEUE_NAMES))
      held.learn(round.held)
      taken.push(...round.taken.INLINE)
      turns = round.turns
      if (turns.INLINE.below !== null) continue
      // A walk over all lanes has come to its end.
      if (taken.length === takenBefore) throw new Error(`only ${taken.length} were dispatched`)
      takenBefore = taken.length
    }
    return taken
  })
  const claimed = await measure('claim', MEASURED, async () => {
    const all = []
    for (let from = 0; from < tickets.length; from += AT_ONCE)
      all.push(...(await claimJobs(db, worker, tickets.slice(from, from + AT_ONCE))))
    return all
  })
  await measure('complete', MEASURED, async () => {
    for (let from = 0; from < claimed.length; from += AT_ONCE)
      await finishAttempts(
        db,
        claimed
          .slice(from, from + AT_ONCE)
          .map((job) => completed(job, { result: undefined, dedupeWindowSeconds: job.dedupeWindowSeconds })),
      )
  })
}

/**
 * Fills an empty database by statements over many rows. The measured organization is the first. The ids are UUIDv7 of an
 * hour ago, a hundred jobs of each kind to a millisecond. At the end a checkpoint, so that none begins by itself while
 * something is measured.
 */
async function makeBacklog(db: Db, { jobs, organizations }: Backlog): Promise<void> {
  await prepareDatabase(db)
  await db.$executeRaw`
    INSERT INTO organizations (id, name, slug) SELECT gen_random_uuid(), 'Growth ' || n, 'growth-' || n FROM generate_series(2, ${organizations}::int) n`
  await db.$executeRaw`INSERT INTO pauses (scope, target, paused_by) VALUES ('JOB_TYPE', 'sample.work', '{}')`
  await db.$executeRaw`
    WITH o AS (SELECT id, row_number() OVER (ORDER BY slug <> 'bench', id) - 1 AS n FROM organizations WHERE slug = 'bench' OR slug LIKE 'growth-%'),
    made AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds,
        run_at, rank_at, is_due, created_at, finished_at)
      SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp() - interval '1 hour') * 1000)::bigint + s.n / 100), 12, '0') || '7' || lpad(to_hex(s.n % 4096), 3, '0') || '8' || lpad(to_hex(3 * s.n + k.n), 15, '0'))::uuid,
        o.id, t.name, t.version, 'INLINE', k.status::"JobStatus", 'SYSTEM', 'bench', 0, 60, k.at, k.at, k.due, clock_timestamp() - interval '1 hour',
        CASE WHEN k.status = 'COMPLETED' THEN clock_timestamp() END
      FROM generate_series(1, ${jobs}::int) s(n)
      CROSS JOIN (VALUES (0, 'COMPLETED', 'sample.noop', TRUE, now() - interval '1 hour'), (1, 'PENDING', 'sample.noop', FALSE, now() + interval '1 day'),
        (2, 'PENDING', 'sample.work', TRUE, now() - interval '1 hour')) AS k(n, status, type, due, at)
      JOIN o ON o.n = s.n % ${organizations}::int JOIN job_types t ON t.name = k.type
      RETURNING id, organization_id, job_type, created_at)
    INSERT INTO job_inputs (job_id, organization_id, job_type, parameters, created_at) SELECT id, organization_id, job_type, '{}', created_at FROM made`
  await db.$executeRaw`VACUUM ANALYZE`
  await db.$executeRaw`CHECKPOINT`
}
