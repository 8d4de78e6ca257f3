import { MAX_CAUGHT_UP, MAX_JITTER, MAX_PREVIEW } from '@/server/engine/domain/schedule/recurrence'
import { SCHEDULE_STATES } from '@/server/engine'
import { RunTrigger } from '@/server/generated/prisma/enums'
import {
  actor,
  cursor,
  direction,
  id,
  instant,
  integer,
  isoDate,
  jobPriority,
  jobStatus,
  jobTypeName,
  limit,
  nameOf,
  pageOf,
  reason,
  wireId,
} from './scalars'
import { z } from './zod'

// What the API takes and answers about schedules, which submit a job again and again.

const cron = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'Five fields (minute, hour, day of month, month, day of week), six with seconds first, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.',
  )
const timeZone = z.string().min(1).max(100).describe('A name of the IANA’s list, as in `Europe/Berlin`.')
const missed = z
  .union([z.enum(['skip', 'one']), z.strictObject({ all: z.int().min(1).max(MAX_CAUGHT_UP) })])
  .describe(
    'What is done with planned times that could not be met within a minute. `skip`: nothing. `one`: one run stands for all of them. `all`: the newest ones are run, at most this many.',
  )
const overlap = z
  .enum(['allow', 'skip', 'cancel'])
  .describe(
    'What is done when a run is due while the job of an earlier run is unfinished. `allow`: the new job is submitted. `skip`: it is not. `cancel`: the earlier job is canceled, then the new one is submitted.',
  )
const jitterSeconds = z
  .int()
  .min(0)
  .max(MAX_JITTER)
  .describe(
    'Each run is submitted up to this many seconds after its planned time, but before the next planned time. The delay differs from run to run. For one planned time it never changes.',
  )

/** What became of one planned time. */
export const scheduleRun = z.object({
  plannedAt: isoDate,
  submittedAt: isoDate.nullable().describe('Null where nothing was submitted.'),
  decidedAt: isoDate.describe('When the run was submitted, or when it was decided to submit nothing.'),
  trigger: z.enum(RunTrigger).describe('DUE: by the schedule. NOW: by hand. BACKFILL: by a backfill.'),
  jobId: wireId.nullable(),
  jobStatus: jobStatus.nullable().describe('Null where there is no job, or where the job was deleted.'),
  skipped: z
    .string()
    .nullable()
    .describe('Why nothing was submitted: MISSED, OVERLAP, or the reason of the refusal, such as RATE_LIMITED.'),
  message: z.string().nullable().describe('The same in words.'),
  count: integer.describe(
    'How many planned times this entry stands for. More than 1 only where several were missed together.',
  ),
})
export const scheduleRunPage = pageOf(scheduleRun)

export const schedule = z
  .object({
    id: wireId,
    organizationId: wireId,
    name: z.string(),
    jobType: z.string(),
    cron: z.string(),
    inWords: z.string().describe('The expression in words.'),
    timeZone: z.string(),
    parameters: z.unknown(),
    priority: jobPriority.nullable().describe('Null: that of the job type.'),
    missed,
    overlap,
    jitterSeconds: integer,
    startAt: isoDate.nullable(),
    endAt: isoDate.nullable(),
    enabled: z.boolean(),
    nextRunAt: isoDate
      .nullable()
      .describe('The next planned time. Null where none comes, because the schedule is off or over.'),
    heldBy: z
      .enum(['SUSPENDED', 'ORGANIZATION_PAUSED', 'PLATFORM_PAUSED'])
      .nullable()
      .describe(
        'What keeps the runs of this schedule back at the moment. `missed` says what becomes of them afterwards.',
      ),
    upcoming: z.array(isoDate).describe('The planned times of the next 24 hours, the first 24 of them.'),
    lastRuns: z.array(scheduleRun).describe('The last ten, newest first.'),
    createdBy: actor,
    createdAt: isoDate,
    updatedAt: isoDate,
  })
  .meta({ id: 'Schedule', description: 'A job that is submitted again and again.' })
export const schedulePage = pageOf(schedule)

const page = {
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
}
const settings = {
  name: nameOf().describe('Two schedules of an organization cannot have the same name.'),
  jobType: jobTypeName,
  cron,
  timeZone,
  parameters: z.unknown().optional().describe('What the schema of the job type accepts. Absent means `{}`.'),
  priority: jobPriority.nullish().describe('Null: that of the job type.'),
  missed: missed.optional(),
  overlap: overlap.optional(),
  jitterSeconds: jitterSeconds.optional(),
  startAt: instant.nullish().describe('No run is planned before it.'),
  endAt: instant.nullish().describe('No run is planned after it.'),
  enabled: z.boolean().optional(),
}
export const scheduleCreateInput = z.strictObject({ organizationId: id, ...settings })
export const scheduleUpdateInput = z.strictObject({
  scheduleId: id,
  changes: z
    .strictObject(settings)
    .partial()
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must name at least one change'),
  reason: reason.optional(),
})
export const scheduleListInput = z.strictObject({
  organizationId: id.optional(),
  search: z.string().max(200).optional().describe('Part of the name of the schedule, or of its job type.'),
  jobType: jobTypeName.optional(),
  state: z
    .enum(SCHEDULE_STATES)
    .optional()
    .describe('OVER: no run comes any more. FAILING: the last run was refused, or its job failed.'),
  ...page,
})
export const scheduleDayInput = z.strictObject({ organizationId: id.optional() })
export const scheduleDay = z.object({
  items: z
    .array(
      z.object({
        id: wireId,
        organizationId: wireId,
        name: z.string(),
        past: z
          .array(
            z.object({
              from: isoDate,
              minutes: integer.describe('How long the part of the day is.'),
              count: integer.describe('Planned times in this part of the day.'),
              failed: integer.describe(
                'Planned times that were refused, or whose job failed. It is the sum of `dead`, of `refused`, and of jobs that wait for a retry.',
              ),
              dead: integer.describe('Those whose job is in DEAD_LETTER.'),
              refused: integer.describe('Those that got no job, because it was refused.'),
              skipped: integer.describe(
                'Those that were missed, or left out because the job of an earlier run was unfinished.',
              ),
              unfinished: integer.describe(
                'Those whose job waits or runs. A job that waits for a retry counts under `failed`.',
              ),
              canceled: integer.describe('Those whose job was canceled.'),
            }),
          )
          .describe('The parts of the last 24 hours in which something was planned, oldest first.'),
        pastFrom: isoDate
          .nullable()
          .describe('Set where more than 1,440 runs came. Then runs before this time are left out.'),
        upcoming: z.array(isoDate).describe('The planned times of the next 24 hours, the first 24 of them.'),
      }),
    )
    .describe('At most ten schedules. The one that runs next comes first.'),
  total: integer.describe('How many schedules have runs in the last or the next 24 hours.'),
})
export const scheduleIdInput = z.strictObject({ scheduleId: id })
export const scheduleActInput = z.strictObject({ scheduleId: id, reason: reason.optional() })
export const deletedSchedule = z.object({ scheduleId: wireId })
export const scheduleRunsInput = z.strictObject({ scheduleId: id, ...page })
export const schedulePreviewInput = z.strictObject({
  cron,
  timeZone,
  from: instant.optional().describe('Only times after this one are listed. Absent means now.'),
  count: z.int().min(1).max(MAX_PREVIEW).optional().describe('How many times; 5 if absent.'),
  startAt: instant.nullish().describe('Times before this one are left out.'),
  endAt: instant.nullish().describe('Times after this one are left out. So there may be fewer than `count`, or none.'),
})
export const schedulePreview = z.object({ times: z.array(isoDate), inWords: z.string() })
export const scheduleBackfillInput = z.strictObject({
  scheduleId: id,
  from: instant.describe('The first planned time that is meant.'),
  to: instant.describe('The last planned time that is meant. It must have passed.'),
  dryRun: z.boolean().optional().describe('true: nothing is submitted; the answer says what would be.'),
  reason: reason.optional(),
})
