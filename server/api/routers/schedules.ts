import {
  createSchedule,
  deleteSchedule,
  forecastBackfill,
  getSchedule,
  listRuns,
  listSchedules,
  previewCron,
  runScheduleNow,
  scheduleDay as readScheduleDay,
  startBackfill,
  updateSchedule,
  type RunView,
  type ScheduleView,
} from '@/server/engine'
import { narrow, requireOrganization, requireSchedule, unmaskedFor } from '../authorize'
import { EXAMPLE, type ProcedureMeta } from '../procedure-meta'
import { manyOutput } from '../schemas/bulk'
import {
  deletedSchedule,
  schedule,
  scheduleActInput,
  scheduleBackfillInput,
  scheduleCreateInput,
  scheduleDay,
  scheduleDayInput,
  scheduleIdInput,
  scheduleListInput,
  schedulePage,
  schedulePreview,
  schedulePreviewInput,
  scheduleRun,
  scheduleRunPage,
  scheduleRunsInput,
  scheduleUpdateInput,
} from '../schemas/schedule'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull, toWireSkipped } from '../wire'
import { submitterOf } from './jobs/submitter'

// The procedures `schedules.*` of the API. A schedule submits a job again and again, at planned times.

const REFUSED_SETTINGS: ProcedureMeta['refuses'] = [
  'NOT_FOUND',
  'NOT_PERMITTED',
  'UNKNOWN_JOB_TYPE',
  'JOB_TYPE_DISABLED',
  'TOO_LARGE',
  'INVALID_PARAMETERS',
]

export const schedulesRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists schedules, newest first',
      description:
        'Those of one organization, or of all that you may see, each with its next planned time and its last ten runs. Sensitive parameters are masked.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(scheduleListInput.optional())
    .output(schedulePage)
    // `direction` means nothing here (schemas/scalars.ts). It is taken out so that the rest is the filter.
    .query(async ({ ctx, input: { organizationId, cursor, limit, direction: _, ...filter } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'schedules.read')
      const page = await listSchedules(
        ctx.services.db,
        { ...filter, cursor: cursor ?? undefined, limit: limit ?? 25 },
        narrow(ctx.scope, organizationId),
      )
      return { items: page.items.map(toWireSchedule), nextCursor: page.nextCursor }
    }),

  day: authenticated
    .meta({
      summary: 'Tells the last and the next 24 hours of schedules',
      description:
        'What ran in each half hour of the last 24 hours, and the planned times of the next 24. Of one organization, or of all that you may see. It shows at most ten schedules, and counts the others.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(scheduleDayInput.optional())
    .output(scheduleDay)
    .query(async ({ ctx, input: { organizationId } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'schedules.read')
      const { items, total } = await readScheduleDay(ctx.services.db, narrow(ctx.scope, organizationId))
      return {
        total,
        items: items.map(({ past, pastFrom, upcoming, ...schedule }) => ({
          ...schedule,
          past: past.map((part) => ({ ...part, from: iso(part.from) })),
          pastFrom: isoOrNull(pastFrom),
          upcoming: upcoming.map(iso),
        })),
      }
    }),

  get: authenticated
    .meta({
      summary: 'Reads a schedule',
      description: 'With sensitive parameters as they are for those who may submit jobs, and masked for others.',
      refuses: ['NOT_FOUND'],
      example: { scheduleId: EXAMPLE.scheduleId },
    })
    .input(scheduleIdInput)
    .output(schedule)
    .query(({ ctx, input: { scheduleId } }) => read(ctx, scheduleId)),

  create: authenticated
    .meta({
      summary: 'Makes a schedule',
      description:
        'From then on a job of `jobType` is submitted at each time of `cron` in `timeZone`, exactly once, whatever number of workers run or die. The parameters are checked now, and again at each run.\n\nThe jobs belong to the organization: they are submitted by “Schedule NAME”, and go on when whoever made the schedule leaves. Each passes the same rate limit and quota as any submission; a refusal is written down as what became of the run, and the schedule goes on. Equal parameters are no obstacle: `overlap` says what happens while a former run is unfinished.\n\nFor a change to daylight saving time: a fixed time that the clock leaves out runs right after the gap, and one that comes twice runs the first time only. Expressions with `*` or a step in seconds, minutes or hours follow the time that really passes. Where both day of month and day of week are given, one of them is enough.\n\nAn expression that never comes, such as `0 0 31 2 *`, is refused. An organization may have 1,000 schedules. Needs role ADMIN.',
      refuses: REFUSED_SETTINGS,
      example: {
        organizationId: EXAMPLE.organizationId,
        name: 'Nightly export',
        jobType: 'export.jobs',
        cron: '30 2 * * *',
        timeZone: 'Europe/Berlin',
        missed: 'one',
        overlap: 'skip',
        jitterSeconds: 60,
      },
    })
    .input(scheduleCreateInput)
    .output(schedule)
    .mutation(async ({ ctx, input: { organizationId, ...given } }) => {
      const role = await requireOrganization(ctx, organizationId, 'schedules.manage')
      return read(
        ctx,
        await createSchedule(ctx.services.db, {
          organizationId,
          schedule: given,
          submitter: submitterOf(role),
          ...by(ctx),
        }),
      )
    }),

  update: authenticated
    .meta({
      summary: 'Changes a schedule',
      description:
        'What is left out stays. After a change of `cron`, `timeZone`, `startAt` or `endAt`, and when it is switched on, the next run is the first planned time from now; times that passed before are not made up for. Needs role ADMIN.',
      refuses: REFUSED_SETTINGS,
      example: { scheduleId: EXAMPLE.scheduleId, changes: { enabled: false }, reason: 'Moves to the new system' },
    })
    .input(scheduleUpdateInput)
    .output(schedule)
    .mutation(async ({ ctx, input: { scheduleId, changes, reason } }) => {
      const role = await requireSchedule(ctx, scheduleId, 'schedules.manage')
      await updateSchedule(ctx.services.db, { scheduleId, changes, reason, submitter: submitterOf(role), ...by(ctx) })
      return read(ctx, scheduleId)
    }),

  delete: authenticated
    .meta({
      summary: 'Deletes a schedule',
      description: 'With its history of runs. The jobs that it submitted stay. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { scheduleId: EXAMPLE.scheduleId, reason: 'No longer needed' },
    })
    .input(scheduleActInput)
    .output(deletedSchedule)
    .mutation(async ({ ctx, input: { scheduleId, reason } }) => {
      await requireSchedule(ctx, scheduleId, 'schedules.manage')
      await deleteSchedule(ctx.services.db, { scheduleId, reason, ...by(ctx) })
      return { scheduleId }
    }),

  runNow: authenticated
    .meta({
      summary: 'Submits a run of a schedule at once',
      description:
        'Besides the runs that are planned, and whether the schedule is switched on or not. Needs role OPERATOR, and the role that the job type asks for.',
      refuses: [
        'NOT_FOUND',
        'NOT_PERMITTED',
        'ORGANIZATION_SUSPENDED',
        'UNKNOWN_JOB_TYPE',
        'JOB_TYPE_DISABLED',
        'INVALID_PARAMETERS',
        'RATE_LIMITED',
        'QUEUE_FULL',
      ],
      example: { scheduleId: EXAMPLE.scheduleId },
    })
    .input(scheduleActInput)
    .output(scheduleRun)
    .mutation(async ({ ctx, input: { scheduleId, reason } }) => {
      const role = await requireSchedule(ctx, scheduleId, 'schedules.run')
      const run = await runScheduleNow(ctx.services.db, {
        scheduleId,
        reason,
        submitter: submitterOf(role),
        ...by(ctx),
      })
      return toWireRun({
        ...run,
        // A run by hand is planned for the moment in which it is decided.
        decidedAt: run.plannedAt,
        trigger: 'NOW',
        jobStatus: 'PENDING',
        skipped: null,
        message: null,
        count: 1,
      })
    }),

  preview: authenticated
    .meta({
      summary: 'Tells when an expression comes',
      description:
        'The next times of an expression in a time zone, and what it says in words. What cannot be read or never comes is INVALID_INPUT.',
      example: { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin', count: 5 },
    })
    .input(schedulePreviewInput)
    .output(schedulePreview)
    .query(({ input: { from, count, ...recurrence } }) => {
      const { times, inWords } = previewCron({ ...recurrence, from: from ?? new Date(), count: count ?? 5 })
      return { times: times.map(iso), inWords }
    }),

  runs: authenticated
    .meta({
      summary: 'Lists the runs of a schedule, newest first',
      description:
        'One entry for each planned time that came: the job that was submitted, or why there is none. Times that were missed together are one entry. Runs are kept for 90 days, the newest 100 for as long as the schedule, and at most 10,000 of one schedule.',
      refuses: ['NOT_FOUND'],
      example: { scheduleId: EXAMPLE.scheduleId, limit: 100 },
    })
    .input(scheduleRunsInput)
    .output(scheduleRunPage)
    .query(async ({ ctx, input: { scheduleId, cursor, limit } }) => {
      await requireSchedule(ctx, scheduleId, 'schedules.read')
      const page = await listRuns(ctx.services.db, { scheduleId, cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map(toWireRun), nextCursor: page.nextCursor }
    }),

  backfill: authenticated
    .meta({
      summary: 'Submits the runs of a past period',
      description:
        'Those that the schedule would have had from `from` to `to`, oldest first, with the parameters that it has now; at most 10,000. Planned times that have a job are left alone. It is a bulk action: `bulk.get` tells what became of it. More than 500 runs are submitted in the background, and so is what a rate limit or the quota does not let in yet. The rule for overlaps does not hold for them. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ORGANIZATION_SUSPENDED'],
      example: {
        scheduleId: EXAMPLE.scheduleId,
        from: '2026-01-01T00:00:00Z',
        to: '2026-01-31T23:59:59Z',
        dryRun: true,
      },
    })
    .input(scheduleBackfillInput)
    .output(manyOutput)
    .mutation(async ({ ctx, input: { dryRun, ...asked } }) => {
      const role = await requireSchedule(ctx, asked.scheduleId, 'schedules.manage')
      if (dryRun) return forecastBackfill(ctx.services.db, asked)
      // A system admin counts as ADMIN in every organization, for as long as it is one.
      const result = await startBackfill(ctx.services.db, {
        ...asked,
        role: 'ADMIN',
        submitter: submitterOf(role),
        ...by(ctx),
      })
      return { ...result, skipped: result.skipped.map(toWireSkipped) }
    }),
})

const by = ({ actor, address }: AuthenticatedContext) => ({ actor, address })
const read = async (ctx: AuthenticatedContext, scheduleId: string) =>
  toWireSchedule(await getSchedule(ctx.services.db, scheduleId, ctx.scope, unmaskedFor(ctx)))

const toWireRun = (run: RunView) => ({
  ...run,
  plannedAt: iso(run.plannedAt),
  decidedAt: iso(run.decidedAt),
  submittedAt: run.jobId === null ? null : iso(run.decidedAt),
})

const toWireSchedule = (view: ScheduleView) => ({
  ...view,
  startAt: isoOrNull(view.startAt),
  endAt: isoOrNull(view.endAt),
  nextRunAt: isoOrNull(view.nextRunAt),
  createdAt: iso(view.createdAt),
  updatedAt: iso(view.updatedAt),
  upcoming: view.upcoming.map(iso),
  lastRuns: view.lastRuns.map(toWireRun),
})
