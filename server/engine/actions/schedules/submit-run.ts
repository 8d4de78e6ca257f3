import type { Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { runKey } from '../../domain/schedule/recurrence'
import { systemActor, type Actor } from '../../domain/types'
import type { RunEntry, ScheduleRow } from '../../store/schedules'
import { submitJob } from '../submission/submit'

/** Who submits the jobs of a schedule: the organization itself, so that nobody's leaving ends them (rule 4.10). */
export const scheduleActor = ({ name }: Pick<ScheduleRow, 'name'>): Actor => systemActor(`Schedule ${name}`)

/**
 * Submits the job of one planned time, through the same door as every submission. The caller holds the schedule's row.
 * Its idempotency key is made of the schedule and the planned time, so within a day every submission of the same run
 * gives the same job. It takes no dedupe hash, because the schedule itself says what happens while a former run is
 * unfinished (decision 0085).
 *
 * @throws EngineError as `submitJob`
 */
export async function submitRun(tx: Tx, schedule: ScheduleRow, plannedAt: Date): Promise<string> {
  const { id, organizationId, jobType, parameters, unmasked, priority } = schedule
  const job = await submitJob(tx, {
    organizationId,
    actor: scheduleActor(schedule),
    scheduleId: id,
    job: {
      jobType,
      parameters: unmasked ?? parameters,
      priority: priority ?? undefined,
      idempotencyKey: runKey(id, plannedAt),
      dedupe: false,
    },
  })
  return job.id
}

/**
 * Refusals for which a run is tried again and not given up. The last two mean that the organization was suspended or
 * deleted just now. The next look (run-due.ts) then marks the schedule as held.
 */
const TRY_AGAIN = ['UNAVAILABLE', 'ORGANIZATION_SUSPENDED', 'NOT_FOUND'] as const

/**
 * Submits a run, and returns the entry of the schedule's history. Where the submission is refused, the entry says why.
 * @throws every other error, and the refusals of TRY_AGAIN
 */
export async function tryRun(
  tx: Tx,
  schedule: ScheduleRow,
  { plannedAt, trigger }: Pick<RunEntry, 'plannedAt' | 'trigger'>,
): Promise<RunEntry> {
  try {
    return { plannedAt, trigger, jobId: await submitRun(tx, schedule, plannedAt), skipped: null }
  } catch (error) {
    if (!(error instanceof EngineError) || TRY_AGAIN.some((reason) => reason === error.reason)) throw error
    return { plannedAt, trigger, jobId: null, skipped: error.reason, message: error.message }
  }
}
