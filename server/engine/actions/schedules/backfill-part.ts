import type { Tx } from '@/server/db'
import { SKIP_REASONS, type SkipReason } from '../../domain/bulk'
import { EngineError } from '../../domain/errors'
import { nextPlanned, type Backfilled, type BulkRow } from '../../store/bulk'
import { jobOfRun, lockSchedule, writeRun } from '../../store/schedules'
import { submitRun } from './submit-run'

// Submits some of the runs of a backfill, which makes up for planned times of a schedule that have passed.

/** How many runs one transaction submits. It keeps the schedule locked, and others wait for it meanwhile. */
const RUNS_AT_ONCE = 50
/** Refusals that pass by themselves, mostly because a limit lets more in later. The backfill goes on then. */
const PASSING = ['RATE_LIMITED', 'QUEUE_FULL', 'UNAVAILABLE']

interface Part {
  jobType: string
  /** The runs of this part that were submitted, or left out for good. */
  done: Backfilled[]
  /** A limit, or a check that is overloaded, lets no more in at the moment. */
  limited: boolean
}

/** Submits the next runs of a backfill whose row the caller has locked. Null where the schedule is gone. */
export async function backfillPart(tx: Tx, { id, backfill }: BulkRow): Promise<Part | null> {
  const locked = backfill && (await lockSchedule(tx, backfill.scheduleId))
  if (!locked) return null
  const { schedule } = locked
  const part: Part = { jobType: schedule.jobType, done: [], limited: false }
  for (const { jobId: itemId, plannedAt } of await nextPlanned(tx, id, RUNS_AT_ONCE)) {
    const existing = await jobOfRun(tx, schedule.id, plannedAt)
    if (existing) {
      part.done.push({ itemId, jobId: existing, skipped: 'ALREADY_RUN' })
      continue
    }
    try {
      const jobId = await submitRun(tx, schedule, plannedAt)
      await writeRun(tx, schedule, { plannedAt, trigger: 'BACKFILL', jobId, skipped: null })
      part.done.push({ itemId, jobId, skipped: null })
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (PASSING.includes(error.reason)) {
        part.limited = true
        break
      }
      if (!isSkipReason(error.reason)) throw error
      part.done.push({ itemId, jobId: null, skipped: error.reason })
    }
  }
  return part
}

const isSkipReason = (reason: string): reason is SkipReason => SKIP_REASONS.some((known) => known === reason)
