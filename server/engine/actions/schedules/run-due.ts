import { Prisma, type Db, type Tx } from '@/server/db'
import { MISSED_AFTER_MS, planRun, type Passed } from '../../domain/schedule/plan'
import { dueAt } from '../../domain/schedule/recurrence'
import {
  holdsSchedules,
  jobOfRun,
  moveOn,
  scheduleColumns,
  unfinishedJobsOf,
  writeRun,
  type RunEntry,
  type ScheduleRow,
} from '../../store/schedules'
import { withoutWaiting } from '../../store/transaction'
import { cancelJobs } from '../jobs/cancel'
import { scheduleActor, tryRun } from './submit-run'

// Submits the jobs of schedules whose planned time has come.

/** How many schedules are worked on at once. Each takes a connection for about ten statements. */
const AT_ONCE = 4
/** How many schedules one statement marks as held, or no longer as held. */
const HELD_AT_ONCE = 1_000
/** How many seconds later a schedule is tried again whose run could not be written, or was refused for the moment. */
const AGAIN_SECONDS = 2
/**
 * The longest such pause. A run that is refused again and again is tried ever more seldom, for the sake of the others:
 * it waits for a third of the time that it is late by now.
 */
const MOST_AGAIN_SECONDS = 15

/** What one run over the due schedules has done. */
export interface ScheduleWork {
  submitted: number
  /** How many planned times came and got no job. */
  skipped: number
  /** What went wrong. Those schedules are tried again. */
  failures: { scheduleId: string; error: unknown }[]
}

/**
 * Submits the runs that are due, each in a transaction of its own: it locks the schedule, submits, writes down what
 * became of the run, and moves the schedule on. So each run is submitted once, whatever number of processes do this at
 * the same time and whenever one of them dies. What is not due costs nothing.
 *
 * @param forMs for how many milliseconds new runs are begun. Those that are under way then are still ended
 */
export async function runSchedules(db: Db, { forMs }: { forMs: number }): Promise<ScheduleWork> {
  const until = performance.now() + forMs
  const work: ScheduleWork = { submitted: 0, skipped: 0, failures: [] }
  await unmarkHeld(db)
  await markHeld(db)
  await Promise.all(Array.from({ length: AT_ONCE }, () => workThroughDue(db, until, work)))
  return work
}

/** Takes one due schedule after the other, until none is due or the time is over. */
async function workThroughDue(db: Db, until: number, work: ScheduleWork): Promise<void> {
  do {
    let taken: ScheduleRow | undefined
    try {
      const turn = await withoutWaiting(db, async (tx) => {
        const due = await takeDue(tx)
        taken = due?.schedule
        return due ? decide(tx, due) : 'nothing due'
      })
      if (turn === 'nothing due') return
      // Somebody holds a row that the job needs, such as the organization's count of jobs.
      if (turn === undefined) await putOff(db, taken)
      else {
        work.submitted += turn.submitted
        work.skipped += turn.skipped
      }
    } catch (error) {
      if (!taken) throw error
      if (error instanceof NotYet) {
        work.skipped += await tryLater(db, taken, error.message)
        continue
      }
      work.failures.push({ scheduleId: taken.id, error })
      await putOff(db, taken)
    }
  } while (performance.now() < until)
}

/** Refusals that may be over before the run counts as missed. Until then it is tried again. */
const MAY_PASS: ReadonlySet<string | null> = new Set(['RATE_LIMITED', 'QUEUE_FULL'])
/** Undoes the transaction of a run that is tried again in a moment. The message is that of the refusal. */
class NotYet extends Error {}

interface Due {
  schedule: ScheduleRow & { nextRunAt: Date }
  held: boolean
  now: Date
}

/**
 * The schedule that is due for longest and that no other process works on, locked. With `clock_timestamp()` in place of
 * the statement's time, the index could not stop at it, and each look would read all schedules.
 */
async function takeDue(tx: Tx): Promise<Due | null> {
  const [row] = await tx.$queryRaw<(ScheduleRow & { nextRunAt: Date; holds: boolean; now: Date })[]>`
    SELECT ${scheduleColumns}, ${holdsSchedules} AS holds, clock_timestamp() AS now
    FROM (SELECT * FROM schedules WHERE due_at <= statement_timestamp() AND NOT held ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) s
    JOIN organizations o ON o.id = s.organization_id`
  if (!row) return null
  const { holds, now, ...schedule } = row
  return { schedule, held: holds, now }
}

async function decide(tx: Tx, { schedule, held, now }: Due): Promise<{ submitted: number; skipped: number }> {
  // It was suspended or paused after `markHeld` had looked.
  if (held) {
    await tx.$executeRaw`UPDATE schedules SET held = TRUE WHERE id = ${schedule.id}::uuid`
    return { submitted: 0, skipped: 0 }
  }
  const { passed, run, next } = planRun(schedule, now)
  if (passed) await writeRun(tx, schedule, passedEntry(passed))
  const entry = run && (await runOnce(tx, schedule, run))
  const lateMs = run ? now.getTime() - dueAt(schedule, run).getTime() : 0
  if (entry && MAY_PASS.has(entry.skipped) && lateMs < MISSED_AFTER_MS) throw new NotYet(entry.message ?? '')
  if (entry) await writeRun(tx, schedule, entry)
  await moveOn(tx, schedule, next)
  return { submitted: entry?.jobId ? 1 : 0, skipped: (passed?.count ?? 0) + (entry && !entry.jobId ? 1 : 0) }
}

/** Null where the planned time has its job already, because somebody backfilled it. */
async function runOnce(tx: Tx, schedule: ScheduleRow, plannedAt: Date): Promise<RunEntry | null> {
  const trigger = 'DUE' as const
  if (await jobOfRun(tx, schedule.id, plannedAt)) return null
  if (schedule.overlap !== 'allow') {
    const former = await unfinishedJobsOf(tx, schedule.id)
    if (former.length > 0 && schedule.overlap === 'skip') {
      const message = `Job ${former[0]} of a former run is not finished.`
      return { plannedAt, trigger, jobId: null, skipped: 'OVERLAP', message }
    }
    if (former.length > 0) {
      const reason = 'The next run of its schedule was due'
      await cancelJobs(tx, { jobIds: former, actor: scheduleActor(schedule), reason })
    }
  }
  return tryRun(tx, schedule, { plannedAt, trigger })
}

/** @param refusal why the last of them got no job, where that is known */
function passedEntry({ first, last, count, atLeast }: Passed, refusal = ''): RunEntry {
  const runs = count === 1 ? '1 run was' : `${atLeast ? 'More than ' : ''}${count.toLocaleString('en')} runs were`
  const when =
    count === 1 ? `planned for ${first.toISOString()}` : `planned from ${first.toISOString()} to ${last.toISOString()}`
  const message = `${runs} missed, ${when}.${refusal && ` The last try was refused: ${refusal}`}`
  return { plannedAt: last, trigger: 'DUE', jobId: null, skipped: 'MISSED', message, missed: count - 1 }
}

/**
 * Makes a schedule due again whose run was refused for the moment. Planned times that were missed meanwhile are written
 * down, so that a schedule of every minute does not stay silent for hours while its queue is full.
 *
 * @returns how many planned times were missed
 */
async function tryLater(db: Db, { id }: ScheduleRow, refusal: string): Promise<number> {
  const missed = await withoutWaiting(db, async (tx) => {
    const [row] = await tx.$queryRaw<(ScheduleRow & { nextRunAt: Date; now: Date })[]>`
      SELECT ${scheduleColumns}, clock_timestamp() AS now
      FROM (SELECT * FROM schedules WHERE id = ${id}::uuid AND due_at <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED) s`
    if (!row) return 0
    const { now, ...schedule } = row
    const { passed, run, next } = planRun(schedule, now)
    if (passed) {
      await writeRun(tx, schedule, passedEntry(passed, refusal))
      await moveOn(tx, schedule, run ?? next)
    }
    const lateSeconds = run ? (now.getTime() - dueAt(schedule, run).getTime()) / 1000 : 0
    const pause = Math.min(MOST_AGAIN_SECONDS, Math.max(AGAIN_SECONDS, lateSeconds / 3))
    await tx.$executeRaw`
      UPDATE schedules SET due_at = clock_timestamp() + make_interval(secs => ${pause}) WHERE id = ${id}::uuid AND due_at <= clock_timestamp()`
    return passed?.count ?? 0
  })
  return missed ?? 0
}

/** Makes a schedule due again after a moment, so that the others have their turn first. */
async function putOff(db: Db, schedule: ScheduleRow | undefined): Promise<void> {
  if (!schedule) return
  await db.$executeRaw`
    UPDATE schedules SET due_at = clock_timestamp() + make_interval(secs => ${AGAIN_SECONDS})
    WHERE id = (SELECT id FROM schedules WHERE id = ${schedule.id}::uuid AND due_at <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED)`
}

/**
 * Takes due schedules out of the way whose organization is suspended or paused. Otherwise every look would pass over
 * them.
 */
async function markHeld(db: Db): Promise<void> {
  await changeHeld(db, true, Prisma.sql`s.due_at <= statement_timestamp() AND NOT s.held AND ${holdsSchedules}`)
}

/** Takes the mark from those whose organization goes on. Their runs are due again. */
async function unmarkHeld(db: Db): Promise<void> {
  await changeHeld(db, false, Prisma.sql`s.held AND NOT ${holdsSchedules}`)
}

async function changeHeld(db: Db, held: boolean, where: Prisma.Sql): Promise<void> {
  for (;;) {
    const changed = await db.$executeRaw`
      UPDATE schedules SET held = ${held} WHERE id IN (
        SELECT s.id FROM schedules s JOIN organizations o ON o.id = s.organization_id
        WHERE ${where} LIMIT ${HELD_AT_ONCE} FOR NO KEY UPDATE OF s SKIP LOCKED)`
    if (changed < HELD_AT_ONCE) return
  }
}
