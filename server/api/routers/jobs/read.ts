import { roleMayDo } from '@/server/auth/access'
import {
  countJobs,
  explainJob,
  jobAttempts,
  jobGraph,
  jobHistory,
  jobLogs,
  jobTimeline,
  listJobs,
  listParents,
} from '@/server/engine'
import { requireJob, requireOrganization } from '../../authorize'
import { EXAMPLE } from '../../procedure-meta'
import { countInput, countOutput, getInput, job, jobIdInput, jobPage, listInput } from '../../schemas/job'
import {
  attemptPage,
  attemptsInput,
  explainOutput,
  graphInput,
  graphOutput,
  historyInput,
  historyPage,
  logPage,
  logsInput,
  parentPage,
  parentsInput,
  timelineOutput,
} from '../../schemas/job-details'
import { authenticated } from '../../trpc'
import { iso, isoOrNull, toWireListedJob } from '../../wire'
import { readJob } from './read-job'

/** Procedures that read jobs and change nothing. */
export const readProcedures = {
  get: authenticated
    .meta({
      summary: 'Reads one job',
      description:
        'The job as it is now. While its organization is suspended, `result` and `artifacts` are null and `withheld` is true.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(getInput)
    .output(job)
    .query(({ ctx, input: { jobId, masked } }) => readJob(ctx, jobId, { masked })),

  list: authenticated
    .meta({
      summary: 'Lists jobs, newest first',
      description:
        'A job must meet all conditions of the filter. Conditions that are left out do not count. Without `organizationId` it lists all jobs that you may see. `search` finds whole words of the parameters, or a job by its id. `args` finds values at a path. Jobs that arrive meanwhile do not shift the pages.\n\nParameters or a result above 2 KiB are null and named in `truncated`, unless `include` names them. A page ends before 4 MiB, so go on while there is a `nextCursor`, not while pages are full.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, status: ['DEAD_LETTER'], limit: 10 },
    })
    .input(listInput.optional())
    .output(jobPage)
    // `direction` means nothing here (schemas/scalars.ts). It is taken out so that the rest is the filter.
    .query(async ({ ctx, input: { cursor, limit, include, direction: _, ...filter } = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      const page = await listJobs(
        ctx.services.db,
        { filter, cursor: cursor ?? undefined, limit: limit ?? 25, include },
        ctx.scope,
      )
      return { items: page.items.map(toWireListedJob), nextCursor: page.nextCursor }
    }),

  count: authenticated
    .meta({
      summary: 'Counts jobs',
      description:
        'Takes the filter of `jobs.list`. Counting stops at 10,000. Over several organizations, words are counted up to 1,000, and words and parameters only among some of the jobs. `capped` says that there may be more.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, status: ['PENDING', 'QUEUED'] },
    })
    .input(countInput.optional())
    .output(countOutput)
    .query(async ({ ctx, input: filter = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      return countJobs(ctx.services.db, filter, ctx.scope)
    }),

  graph: authenticated
    .meta({
      summary: 'Reads what a job waits for, and what waits for it',
      description:
        'Directly and through others, the nearest first. Siblings are not among them: they come with their parent’s answer. When there are more jobs than asked for, neither side takes more than half of them unless the other leaves room.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(graphInput)
    .output(graphOutput)
    .query(async ({ ctx, input: { jobId, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const graph = await jobGraph(ctx.services.db, jobId, limit)
      return {
        ...graph,
        jobs: graph.jobs.map(({ id, job }) => ({
          id,
          job: job && { ...job, createdAt: iso(job.createdAt), finishedAt: job.finishedAt && iso(job.finishedAt) },
        })),
      }
    }),

  parents: authenticated
    .meta({
      summary: 'Lists the jobs that a job waits or waited for, with what they made',
      description:
        'Each with its result, its artifacts, and what the job waits for. Results above 2 KiB are null and named in `truncated`: read them with `jobs.get`. A handler reads the same as `ctx.parents()`.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(parentsInput)
    .output(parentPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await listParents(
        ctx.services.db,
        { jobId, cursor: cursor ?? undefined, limit: limit ?? 25 },
        ctx.scope,
      )
      return {
        items: page.items.map(({ ref, on, job: { job: parent, truncated } }) => ({
          ref,
          on,
          job: toWireListedJob({ ...parent, truncated }),
        })),
        nextCursor: page.nextCursor,
      }
    }),

  history: authenticated
    .meta({
      summary: 'Lists every transition of a job, oldest first',
      description:
        'From which status to which, when, by whom, and in which attempt. The first has no status before it. Entries are never changed.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(historyInput)
    .output(historyPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobHistory(ctx.services.db, { jobId, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  attempts: authenticated
    .meta({
      summary: 'Lists the attempts of a job, oldest first',
      description:
        'Each run of the job’s handler, with its worker, its times, its outcome and its error. It waited from `readyAt` to `startedAt`. `error.stack` is null below role ADMIN.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(attemptsInput)
    .output(attemptPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      const role = await requireJob(ctx, jobId, 'jobs.read')
      const stacks = roleMayDo(role, 'attempts.stack')
      const page = await jobAttempts(ctx.services.db, { jobId, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return {
        items: page.items.map((item) => ({
          ...item,
          readyAt: iso(item.readyAt),
          queuedAt: iso(item.queuedAt),
          startedAt: iso(item.startedAt),
          endedAt: item.endedAt && iso(item.endedAt),
          error: item.error && { ...item.error, stack: stacks ? item.error.stack : null },
        })),
        nextCursor: page.nextCursor,
      }
    }),

  logs: authenticated
    .meta({
      summary: 'Lists what the handler logged, oldest first',
      description: 'At most 10,000 lines of a job are kept. `level` and `attempt` narrow the list.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId, level: 'ERROR' },
    })
    .input(logsInput)
    .output(logPage)
    .query(async ({ ctx, input: { jobId, level, attempt, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobLogs(ctx.services.db, {
        jobId,
        level,
        attempt,
        cursor: cursor ?? undefined,
        limit: limit ?? 1000,
      })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  timeline: authenticated
    .meta({
      summary: 'Tells what held a job back in its life, and when its handler logged',
      description:
        'For a drawing of the job’s life, beside `jobs.attempts` and `jobs.history`. Pauses, suspensions and open circuits come from the audit, each with its begin, its end and who made it.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(jobIdInput)
    .output(timelineOutput)
    .query(async ({ ctx, input: { jobId } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const { holds, logs } = await jobTimeline(ctx.services.db, jobId)
      return {
        holds: holds.map((hold) => ({ ...hold, from: iso(hold.from), to: isoOrNull(hold.to) })),
        logs: logs.map((one) => ({ ...one, at: iso(one.at) })),
      }
    }),

  explain: authenticated
    .meta({
      summary: 'Says why a waiting job does not move',
      description:
        'Every reason at this moment, the most decisive first: paused, suspended, waiting for parents, at a limit, behind others. Empty for a job that runs or has ended.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(jobIdInput)
    .output(explainOutput)
    .query(async ({ ctx, input }) => explainJob(ctx.services.db, input.jobId, ctx.scope)),
}
