import { Prisma, type Db, type DbOrTx } from '@/server/db'
import { systemActor } from '../../domain/types'
import { freeHashes } from '../../store/admission/dedupe'
import { diesWithParent, isOpen, openCount } from '../../store/open-parents'
import { keepMessageWords } from '../../store/reads/search'
import { CHANNELS, notify } from '../../store/signals'
import { retryOwnConflicts } from '../../store/transaction'
import { transition, type Moved } from '../../store/transition'

// What follows for jobs that wait for others. A parent is a job that is waited for, a child the one that waits.

/**
 * Deals with the children of jobs that have just ended, after that was committed. It never throws: the end of the
 * attempt is written and must not be reported again, and `sweepDependents` finds what is left undone here.
 */
export async function updateDependents(
  db: Db,
  { completed = [], dead = [] }: { completed?: readonly string[]; dead?: readonly string[] },
): Promise<void> {
  try {
    if ((await releaseDependents(db, completed)) > 0) await notify(db, CHANNELS.wake)
    if ((await followDeaths(db, dead)).released > 0) await notify(db, CHANNELS.wake)
  } catch {
    // PostgreSQL went away. `sweepDependents` does it later.
  }
}

// Children that somebody else has locked are skipped everywhere in this file. So no end of an attempt waits for them.
// `sweepDependents` finds them.
const actor = systemActor('dependencies')
/** How many children one statement takes. */
const BATCH = 1_000

/**
 * What follows when these jobs died or were canceled. Jobs that wait for one of them to complete die, too. Jobs that
 * wait for the end of one of them, or of one that died with it, may go on.
 *
 * @returns how many died, and how many may run now. The caller wakes dispatchers
 */
export async function followDeaths(db: DbOrTx, jobIds: readonly string[]): Promise<DependentSweep> {
  const dead = await killDependents(db, jobIds)
  return { dead: dead.length, released: await releaseDependents(db, [...jobIds, ...dead]) }
}

/**
 * Counts again what the children of these jobs still wait for, after the jobs have ended. The number becomes the
 * smaller of the stored and the counted one, so a child that is released stays so, whatever becomes of its parents.
 * Doing this twice, late or in any order does no harm.
 *
 * @returns how many children may run now. The caller wakes dispatchers
 */
export function releaseDependents(db: DbOrTx, parentIds: readonly string[]): Promise<number> {
  if (parentIds.length === 0) return Promise.resolve(0)
  return recount(
    db,
    Prisma.sql`
    SELECT DISTINCT d.job_id FROM job_dependencies d WHERE d.parent_id = ANY(${[...parentIds]}::uuid[])`,
  )
}

function recount(db: DbOrTx, children: Prisma.Sql): Promise<number> {
  return retryOwnConflicts(db, async () => {
    const freed = await db.$queryRaw<{ pending_parents: number }[]>`
      WITH children AS MATERIALIZED (${children}),
      locked AS MATERIALIZED (
        SELECT j.id FROM children c JOIN jobs j ON j.id = c.job_id
        WHERE j.status = 'PENDING' AND j.pending_parents > 0 ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED
      ),
      counted AS (
        SELECT l.id, ${openCount(Prisma.sql`l.id`)} AS open FROM locked l
      )
      UPDATE jobs j SET pending_parents = LEAST(j.pending_parents, c.open) FROM counted c
      WHERE j.id = c.id AND c.open < j.pending_parents RETURNING j.pending_parents`
    return freed.filter((row) => row.pending_parents === 0).length
  })
}

/**
 * Raises the number of open parents of children that wait for the end of one of these jobs, after these were brought
 * back. Children that are released already stay released. A child that somebody else has locked is left as it is: its
 * parents are counted again before it is released.
 */
export async function waitAgain(db: DbOrTx, parentIds: readonly string[]): Promise<void> {
  await db.$executeRaw`
    WITH locked AS MATERIALIZED (
      SELECT j.id FROM jobs j
      WHERE j.id IN (SELECT d.job_id FROM job_dependencies d WHERE d.parent_id = ANY(${[...parentIds]}::uuid[]) AND d.on_ended)
        AND j.status = 'PENDING' AND j.pending_parents > 0 ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED
    )
    UPDATE jobs j SET pending_parents = GREATEST(j.pending_parents, ${openCount(Prisma.sql`j.id`)}) FROM locked l WHERE j.id = l.id`
}

/**
 * Sends all jobs that wait for one of these to complete, directly or through others, to DEAD_LETTER, with that job as
 * the cause. It is called for jobs that died or were canceled. If one of these was brought back in the meantime, its
 * children are left alone.
 *
 * @returns the ids of the descendants that died
 */
export async function killDependents(db: DbOrTx, parentIds: readonly string[]): Promise<string[]> {
  if (parentIds.length === 0) return []
  const dead: string[] = []
  for (;;) {
    const moved = await retryOwnConflicts(db, () =>
      transition<Moved>(db, {
        name: 'kill_dependents',
        from: ['PENDING'],
        to: 'DEAD_LETTER',
        // One row for each descendant, with the first cause that was found. A job that waits for two dead jobs names
        // one of them.
        source: Prisma.sql`
        WITH RECURSIVE causes AS MATERIALIZED (
          -- Held against its retry until this is committed: nobody may be dead of a job that lives.
          SELECT p.id, p.status FROM jobs p
          WHERE p.id = ANY(${[...parentIds]}::uuid[]) AND p.status IN ('DEAD_LETTER', 'CANCELED') ORDER BY p.id FOR SHARE SKIP LOCKED
        ),
        descendants AS (
          SELECT d.job_id, c.id AS cause FROM causes c JOIN job_dependencies d ON d.parent_id = c.id AND ${diesWithParent}
          UNION
          SELECT d.job_id, a.cause FROM descendants a JOIN job_dependencies d ON d.parent_id = a.job_id AND ${diesWithParent}
        )
        SELECT DISTINCT ON (a.job_id) a.job_id, a.cause, c.status AS cause_status
        FROM descendants a JOIN causes c ON c.id = a.cause JOIN jobs j ON j.id = a.job_id
        WHERE j.status = 'PENDING' AND j.pending_parents > 0
        ORDER BY a.job_id, a.cause LIMIT ${BATCH}`,
        fence: Prisma.sql`j.pending_parents > 0`,
        lock: 'skip',
        set: Prisma.sql`finished_at = clock_timestamp(), cause_job_id = s.cause, error_class = 'PERMANENT', error_fingerprint = 'parent-ended',
        error_message = ${causeMessage}`,
        actor,
        message: causeMessage,
        returning: Prisma.sql`j.job_type, j.dedupe_hash`,
        also: [freeHashes, keepMessageWords],
      }),
    )
    dead.push(...moved.map(({ job_id }) => job_id))
    if (moved.length < BATCH) return dead
  }
}

const causeMessage = Prisma.sql`'It waited for job ' || s.cause || ', which is ' || s.cause_status`

/** What a sweep over waiting children has changed. */
export interface DependentSweep {
  /** How many children may run now. */
  released: number
  /** How many descendants died. */
  dead: number
}

/**
 * Finds children that a race or a crash left behind: none of their parents is open, or one of them died, and nothing
 * was done. Wakes the dispatchers where it released some. It looks at every waiting child, in an index, so the caller
 * leaves more time between sweeps when they take longer.
 */
export async function sweepDependents(db: DbOrTx): Promise<DependentSweep> {
  const { children, causes } = await leftBehind(db)
  const released =
    children.length === 0 ? 0 : await recount(db, Prisma.sql`SELECT unnest(${children}::uuid[]) AS job_id`)
  const after = await followDeaths(db, causes)
  const all = { released: released + after.released, dead: after.dead }
  if (all.released > 0) await notify(db, CHANNELS.wake)
  return all
}

/**
 * Children that wait for fewer jobs than their row says, and the jobs of which some child has to die.
 *
 * A child whose parents are all open needs no look at its row, and most are like that. Parents are read through a
 * subquery, which PostgreSQL remembers: many children have the same. To count for each child in its own subquery took
 * twice as long (decision 0148). Where a dead parent died of another job, and that one still exists, it is the cause.
 */
async function leftBehind(db: DbOrTx): Promise<{ children: string[]; causes: string[] }> {
  const [found] = await db.$queryRaw<[{ children: string[]; causes: string[] }]>`
    WITH awaited AS MATERIALIZED (
      SELECT j.id, d.parent_id, d.parent_id IS NOT NULL AND ${isOpen} AS open,
        p.status IN ('DEAD_LETTER', 'CANCELED') AND ${diesWithParent} AS deadly, p.cause_job_id
      FROM jobs j LEFT JOIN job_dependencies d ON d.job_id = j.id
      LEFT JOIN LATERAL (SELECT p.status, p.cause_job_id FROM jobs p WHERE p.id = d.parent_id OFFSET 0) p ON TRUE
      WHERE j.status = 'PENDING' AND j.pending_parents > 0
    ), changed AS MATERIALIZED (
      SELECT id, count(*) FILTER (WHERE open) AS open FROM awaited GROUP BY id HAVING NOT bool_and(open)
    )
    SELECT ARRAY(SELECT c.id FROM changed c JOIN jobs j ON j.id = c.id WHERE j.pending_parents > c.open) AS children,
      ARRAY(SELECT DISTINCT CASE WHEN EXISTS (SELECT 1 FROM jobs c WHERE c.id = a.cause_job_id) THEN a.cause_job_id ELSE a.parent_id END
        FROM awaited a WHERE a.deadly) AS causes`
  return found
}
