import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { Db } from '@/server/db'
import { jobType } from '@/server/engine/domain/job-type-config'
import {
  claimJobs,
  completed,
  dispatchJobs,
  failed,
  finishAttempts,
  handedBack,
  submitJob,
  timedOut,
  type Claimed,
  type Outcome,
} from '@/server/engine'
import type { EngineError } from '@/server/engine/domain/errors'
import { systemActor, type JobStatus, type JobView, type Json, type SubmitInput } from '@/server/engine/domain/types'
import type { TestDatabase } from './database'
import { createJobTypes } from './job-types'
import { openDatabase } from './open-database'

// For tests of the engine: organizations, job types, and the steps of a job one by one, as the dispatcher and a worker
// take them.

/** Who acts in tests. */
export const tester = systemActor('test')

export interface World {
  db: Db
  databaseUrl: string
  organizationId: string
  otherOrganizationId: string
}

/**
 * Makes a database with a world in it for the test file whose top level calls this. It is removed when the tests are
 * over.
 */
export async function openWorld(
  options?: Parameters<typeof openDatabase>[0],
): Promise<{ database: TestDatabase; db: Db; world: World }> {
  const { database, db } = await openDatabase(options)
  return { database, db, world: await createWorld(db, database.url) }
}

/**
 * Makes organizations and job types. `plain` takes anything, `strict` needs an integer, `zero` has no retries, no
 * window for duplicates and no backoff, `isolated` runs in threads, and `off` is disabled.
 */
export async function createWorld(db: Db, databaseUrl: string): Promise<World> {
  const world = { db, databaseUrl, organizationId: uuidv7(), otherOrganizationId: uuidv7() }
  await db.organization.createMany({
    data: [
      { id: world.organizationId, name: 'Acme', slug: 'acme' },
      { id: world.otherOrganizationId, name: 'Globex', slug: 'globex' },
    ],
  })
  const of = (name: string, more: Partial<Parameters<typeof jobType>[0]> = {}) =>
    jobType({ name, displayName: name, description: '', handler: 'sample.noop', parameterSchema: {}, ...more })
  await createJobTypes(db, [
    of('plain'),
    of('strict', {
      parameterSchema: {
        type: 'object',
        properties: { count: { type: 'integer' }, item: { type: 'object', properties: { sku: { type: 'string' } } } },
        required: ['count'],
        additionalProperties: false,
      },
    }),
    of('zero', { maxRetries: 0, dedupeWindowSeconds: 0, backoffBaseSeconds: 0, backoffCapSeconds: 0 }),
    of('isolated', { handler: 'sample.work' }),
    of('off', { enabled: false }),
  ])
  return world
}

/** Removes all jobs and everything that counts them, so that the jobs of one test do not disturb the next. */
export async function clearJobs(db: Db): Promise<void> {
  await db.$executeRaw`DELETE FROM job_dependencies`
  await db.$executeRaw`DELETE FROM jobs`
  await db.$executeRaw`TRUNCATE dedupe_claims, idempotency_keys, rate_admissions, usage_deltas, organization_usage, circuits, pauses`
}

let serial = 0
/** Parameters that no other job has. */
export const unique = (): { [key: string]: Json } => ({ serial: ++serial })

/** Submits a job of `plain` that is no duplicate, unless `job` says otherwise. */
export function submit(world: World, job: Partial<SubmitInput> = {}): Promise<JobView> {
  const { db, organizationId } = world
  return submitJob(db, { organizationId, job: { jobType: 'plain', parameters: unique(), ...job }, actor: tester })
}

/**
 * Dispatches jobs that run in the worker's own thread, until this one is dispatched or no more may run. Returns its
 * dispatch number, or undefined where it was not dispatched.
 */
export async function dispatch({ db }: World, jobId: string): Promise<number | undefined> {
  for (;;) {
    const jobs = await dispatchJobs(db, 'INLINE', 500)
    const job = jobs.find((each) => each.jobId === jobId)
    if (job || jobs.length === 0) return job?.dispatch
  }
}

/** The worker that claims, unless a test names another one. */
export const workerId = uuidv7()

/** Dispatches and claims a job that waits. */
export async function start(world: World, jobId: string, worker = workerId): Promise<Claimed> {
  const number = await dispatch(world, jobId)
  if (number === undefined) throw new Error(`job ${jobId} is not eligible`)
  const [claimed] = await claimJobs(world.db, worker, [{ jobId, dispatch: number }])
  if (!claimed) throw new Error(`job ${jobId} was not claimed`)
  return claimed
}

/** Makes so many new jobs that run. */
export async function runningMany(world: World, count: number): Promise<Claimed[]> {
  const { id } = (await Promise.all(Array.from({ length: count }, () => submit(world)))).at(-1)!
  const dispatched = await dispatchJobs(world.db, 'INLINE', count)
  if (!dispatched.some(({ jobId }) => jobId === id)) throw new Error('other jobs were waiting too')
  return claimJobs(world.db, workerId, dispatched)
}

/** Makes a new job that runs. */
export async function running(world: World, job: Partial<SubmitInput> = {}): Promise<Claimed> {
  return start(world, (await submit(world, job)).id)
}

const error = { message: 'Broken', class: 'TRANSIENT', fingerprint: 'broken', stack: null } as const

/** The outcomes that a worker can report for an attempt. */
export const ends = {
  complete: (claimed: Claimed, { result }: { result?: Json } = {}): Outcome =>
    completed(claimed, { result, dedupeWindowSeconds: claimed.dedupeWindowSeconds }),
  fail: (claimed: Claimed, retryInSeconds = 60): Outcome => failed(claimed, error, retryInSeconds),
  timeOut: (claimed: Claimed, retryInSeconds = 60): Outcome => timedOut(claimed, error, retryInSeconds),
  dead: (claimed: Claimed): Outcome => failed(claimed, error, null),
  handBack: (claimed: Claimed): Outcome => handedBack(claimed, 'Its worker was drained'),
} satisfies Record<Outcome['kind'], (claimed: Claimed) => Outcome>

/** Writes an outcome, and returns what became of it: `written`, `canceled`, `condemned` or `refused`. */
export async function finish({ db }: World, outcome: Outcome) {
  const [settled] = await finishAttempts(db, [outcome])
  return settled
}

/** The statuses that a job went through. */
export async function history({ db }: World, jobId: string): Promise<JobStatus[]> {
  const rows = await db.executionLog.findMany({ where: { jobId }, orderBy: { id: 'asc' }, select: { toStatus: true } })
  return rows.map(({ toStatus }) => toStatus)
}

/** The row of a job. */
export const read = ({ db }: World, jobId: string) => db.job.findUniqueOrThrow({ where: { id: jobId } })

/** The refusal of a promise. The test fails where the promise is not refused. */
export async function refusal(work: Promise<unknown>): Promise<EngineError> {
  try {
    await work
  } catch (thrown) {
    if ((thrown as Error).name !== 'EngineError') throw thrown
    return thrown as EngineError
  }
  throw new Error('this should have been refused')
}

/**
 * Locks the job's row until every contestant waits for a lock, and then lets them go in the order in which they came.
 * So they really meet, whatever the timing is.
 */
export async function contest<T>(
  world: World,
  jobId: string,
  contestants: (() => Promise<T>)[],
): Promise<PromiseSettledResult<T>[]> {
  return holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE', [jobId], async (waiting) => {
    const all: Promise<T>[] = []
    for (const [index, begin] of contestants.entries()) {
      const contestant = begin()
      // A contestant may be refused before the others go on and before anybody looks at its promise.
      contestant.catch(() => undefined)
      all.push(contestant)
      await waiting(index + 1)
    }
    return all
  })
}

/**
 * Runs `work` while another connection holds the rows that `lock` locks. Then it lets the rows go, and waits for the
 * promises that `work` gave. `waiting(n)` resolves when n sessions of this database wait for a lock.
 */
export async function holding<T>(
  { databaseUrl }: Pick<World, 'databaseUrl'>,
  lock: string,
  values: unknown[],
  work: (waiting: (sessions: number) => Promise<void>) => Promise<Promise<T>[]>,
): Promise<PromiseSettledResult<T>[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(lock, values)
    const begun = await work(async (sessions) => {
      const deadline = Date.now() + 10_000
      for (;;) {
        // Within a transaction PostgreSQL keeps the list of sessions as it was first read. A session that connects
        // later would be missing.
        await client.query('SELECT pg_stat_clear_snapshot()')
        const { rows } = await client.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        if (rows[0]!.n >= sessions) return
        if (Date.now() > deadline) throw new Error(`${rows[0]!.n} of ${sessions} sessions wait for the lock`)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })
    await client.query('COMMIT')
    return await Promise.allSettled(begun)
  } finally {
    await client.end()
  }
}
