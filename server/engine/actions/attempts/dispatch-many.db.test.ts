import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, test } from 'vitest'
import { clearJobs, ends, openWorld, read, tester, unique, workerId } from '@/testing/engine'
import {
  claimJobs,
  crewOf,
  dispatchJobs,
  dispatchRound,
  FIRST_TURNS,
  finishAttempts,
  loadsOfCrew,
  submitJobs,
  updateJob,
  type Db,
  type SubmitInput,
  type Tx,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 10, workload: 'hotPath' })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  // Otherwise the organizations of one test would take turns in the next.
  await db.organization.updateMany({ where: { slug: { startsWith: 'many-' } }, data: { status: 'SUSPENDED' } })
})

async function submit(job: Partial<SubmitInput> = {}, organizationId = world.organizationId): Promise<string> {
  const jobs = [{ jobType: 'plain', parameters: unique(), ...job }]
  return (await submitJobs(db, { organizationId, jobs, actor: tester }))[0]!.id
}

const inAnHour = () => new Date(Date.now() + 3_600_000)
const isDue = async (id: string) => (await db.job.findUniqueOrThrow({ where: { id } })).isDue
/** Makes the time of a job come, as if it had been submitted earlier. */
const pass = (ids: string[]) => db.$executeRaw`
  UPDATE jobs SET rank_at = rank_at - interval '2 hours', run_at = run_at - interval '2 hours' WHERE id = ANY(${ids}::uuid[])`

describe('work for later', () => {
  test('a job for later is kept apart, and starts when its time has come', async () => {
    const id = await submit({ runAt: inAnHour() })
    expect(await isDue(id)).toBe(false)
    expect(await dispatchJobs(db, 'INLINE', 10)).toEqual([])
    expect(await isDue(id)).toBe(false)
    await pass([id])
    const round = await dispatchRound(db, { INLINE: 10 })
    expect([round.cameDue, round.moreCameDue]).toEqual([[world.organizationId], false])
    expect(round.taken.INLINE.map(({ jobId }) => jobId)).toEqual([id])
    expect(await isDue(id)).toBe(true)
  })

  test('a job whose retry lies ahead is kept apart until then', async () => {
    const id = await submit()
    const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 1))
    await finishAttempts(
      db,
      claimed.map((job) => ends.fail(job)),
    )
    expect([(await read(world, id)).status, await isDue(id)]).toEqual(['FAILED', false])
    await pass([id])
    expect((await dispatchJobs(db, 'INLINE', 1)).map(({ jobId }) => jobId)).toEqual([id])
  })

  test('a job that is moved to now starts now, and one that is moved to later waits', async () => {
    const [sooner, later] = [await submit({ runAt: inAnHour() }), await submit()]
    await updateJob(db, { jobId: sooner, changes: { runAt: new Date() }, actor: tester })
    await updateJob(db, { jobId: later, changes: { runAt: inAnHour() }, actor: tester })
    expect([await isDue(sooner), await isDue(later)]).toEqual([true, false])
    expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)).toEqual([sooner])
  })

  test('a child whose time came while it waited for its parent starts when the parent has ended', async () => {
    const parent = await submit()
    const child = await submit({ runAt: inAnHour(), dependsOn: [parent] })
    await pass([child])
    const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 10))
    expect(claimed).toHaveLength(1)
    await finishAttempts(
      db,
      claimed.map((job) => ends.complete(job)),
    )
    expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)).toEqual([child])
  })

  test('thousands of jobs whose time comes at once all start, each once, under two dispatchers', async () => {
    const jobs = Array.from({ length: 1000 }, () => ({ jobType: 'plain', parameters: unique(), runAt: inAnHour() }))
    const ids = []
    for (let n = 0; n < 2; n++) {
      const made = await submitJobs(db, {
        organizationId: world.organizationId,
        jobs: jobs.map((job) => ({ ...job, parameters: unique() })),
        actor: tester,
      })
      ids.push(...made.map(({ id }) => id))
    }
    await pass(ids)
    const taken: string[] = []
    // Ends after two rounds in a row that found nothing.
    const dispatcher = async () => {
      for (let dry = 0; dry < 2;) {
        const round = await dispatchRound(db, { INLINE: 300 })
        taken.push(...round.taken.INLINE.map(({ jobId }) => jobId))
        dry = round.taken.INLINE.length > 0 || round.moreCameDue ? 0 : dry + 1
      }
    }
    await Promise.all([dispatcher(), dispatcher()])
    expect(taken.sort()).toEqual(ids.sort())
  })
})

describe('thousands of organizations', () => {
  const ORGANIZATIONS = 600

  /** Makes so many organizations, each with a job of two types, the second of which ranks before the first. */
  async function manyOrganizations(): Promise<void> {
    const count = await db.organization.count({ where: { slug: { startsWith: 'many-' } } })
    await db.organization.createMany({
      data: Array.from({ length: ORGANIZATIONS - count }, (_, n) => ({
        id: uuidv7(),
        name: `Many ${n}`,
        slug: `many-${n}-${Date.now()}`,
      })),
    })
    await db.organization.updateMany({ where: { slug: { startsWith: 'many-' } }, data: { status: 'ACTIVE' } })
    const organizations = await db.organization.findMany({ where: { slug: { startsWith: 'many-' } } })
    const jobs = () => [
      { jobType: 'plain', parameters: unique() },
      { jobType: 'zero', parameters: unique(), priority: 'HIGH' as const },
    ]
    for (let from = 0; from < ORGANIZATIONS; from += 10) {
      const some = organizations.slice(from, from + 10)
      await Promise.all(some.map(({ id }) => submitJobs(db, { organizationId: id, actor: tester, jobs: jobs() })))
    }
  }

  /** Walks once from the top to the end, with so many jobs wanted each time. */
  async function walk(limit: number) {
    const rounds: string[][] = []
    let turns = FIRST_TURNS
    do {
      const round = await dispatchRound(db, { INLINE: limit }, [], turns)
      rounds.push(round.taken.INLINE.map(({ jobId }) => jobId))
      turns = round.turns
    } while (turns.INLINE.below !== null)
    return rounds
  }

  test('each of 600 organizations is served within one walk, its higher priority first, and each job once', async () => {
    await manyOrganizations()
    const rounds = await walk(128)
    expect(rounds.length).toBeGreaterThan(3)
    const first = rounds.flat()
    const high = await db.job.findMany({ where: { id: { in: first }, priority: 'HIGH' } })
    expect(new Set(high.map(({ organizationId }) => organizationId)).size).toBe(ORGANIZATIONS)

    let all = [...first]
    for (let n = 0; n < 100 && all.length < 2 * ORGANIZATIONS; n++) all = [...all, ...(await walk(400)).flat()]
    expect(new Set(all).size).toBe(2 * ORGANIZATIONS)
    expect(all).toHaveLength(2 * ORGANIZATIONS)
  })
})

test('job types without due work cost a dispatch nothing, however many there are', async () => {
  // The crew has a handler of one of them, so it must find out which of the others it cannot run.
  const { handler } = await db.jobType.findUniqueOrThrow({ where: { name: 'plain' } })
  const crew = crewOf(null, [handler])
  await db.$executeRaw`
    WITH more AS (INSERT INTO job_types (name, display_name, handler, parameter_schema) SELECT 'more.' || n, 'More', 'other', '{}' FROM generate_series(1, 2000) n RETURNING name)
    INSERT INTO job_type_versions (job_type, version, config, handler, created_by) SELECT name, v, '{}', 'other', '{}' FROM more, generate_series(1, 3) v`
  await db.$executeRaw`INSERT INTO organizations (id, name, slug, status) SELECT gen_random_uuid(), 'More', 'more-' || n, 'SUSPENDED' FROM generate_series(1, 2000) n`
  await db.$executeRaw`ANALYZE job_types, job_type_versions, organizations`
  await submit()
  await submit({ jobType: 'zero' })
  const read = await db.$transaction(async (tx) => {
    // As the connections of a worker are set.
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`
    // What this connection read a moment ago may still be among the figures.
    const before = await rowsOfTypes(tx)
    const { taken } = await dispatchRound(tx as Db, { INLINE: 10 }, [], undefined, crew)
    await loadsOfCrew(tx, crew)
    expect(taken.INLINE).toHaveLength(2)
    const after = await rowsOfTypes(tx)
    return after.map(({ table, rows }, n) => ({ table, rows: rows - before[n]!.rows }))
  })
  expect(read).toHaveLength(3)
  // 50 rows are far more than the few types and organizations with work have, and far fewer than the thousands without.
  expect(read.filter((table) => table.rows > 50)).toEqual([])
})

/** How many rows this connection has read of each of three tables, by their names. */
const rowsOfTypes = (tx: Tx) => tx.$queryRaw<{ table: string; rows: number }[]>`
  SELECT relname AS table, (seq_tup_read + COALESCE(idx_tup_fetch, 0))::int AS rows FROM pg_stat_xact_user_tables
  WHERE relname IN ('job_types', 'job_type_versions', 'organizations') ORDER BY relname`
