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
 * The key makes it the same job however often it is submitted within a day. It takes no dedupe hash: what is to happen
 * while a former run is unfinished is said by the schedule itself (decision 0085).
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

/** Refusals that are over after a moment: the run is tried again instead. */
const PASSING = ['UNAVAILABLE', 'ORGANIZATION_SUSPENDED', 'NOT_FOUND'] as const

/**
 * Submits a run and tells what became of it. A refusal is what became of it, too.
 * @throws whatever is no refusal of this job, or passes after a moment
 */
export async function tryRun(
  tx: Tx,
  schedule: ScheduleRow,
  { plannedAt, trigger }: Pick<RunEntry, 'plannedAt' | 'trigger'>,
): Promise<RunEntry> {
  try {
    return { plannedAt, trigger, jobId: await submitRun(tx, schedule, plannedAt), skipped: null }
  } catch (error) {
    if (!(error instanceof EngineError) || PASSING.some((reason) => reason === error.reason)) throw error
    return { plannedAt, trigger, jobId: null, skipped: error.reason, message: error.message }
  }
}
