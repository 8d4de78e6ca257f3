import { requireSystemAdmin } from '@/server/auth/access'
import {
  failingCauses,
  fleetOf,
  listMarks,
  listWorkers,
  metricsByType,
  metricsOverview,
  metricsTimeseries,
  platformPage as readPlatform,
  stuckJobs,
  waitingSummary,
} from '@/server/engine'
import { mayReadAudit, narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import { failingInput, failingPage } from '../schemas/dead-letter'
import {
  byTypeInput,
  metricsInput,
  overview,
  timeseries,
  typeMetricsPage,
  waiting,
  waitingInput,
} from '../schemas/metrics'
import { timeIn } from '../schemas/metrics-time'
import { markPage, marksInput } from '../schemas/mark'
import { platformInput, platformPage } from '../schemas/platform'
import { fleet, fleetInput, stuckInput, stuckPage, workerPage, workersInput } from '../schemas/worker'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'
import { toWireRunning, toWireWorker } from './workers'

// The procedures `metrics.*` of the API: figures for charts, of workers and of what waits.

/** How old the figures of this moment may be on the page of the platform. It asks every ten seconds. */
const PLATFORM_AGE_MS = 15_000

export const metricsRouter = router({
  overview: authenticated
    .meta({
      summary: 'How an organization is doing',
      description:
        '`counts`, `queueDepth` and `oldestWaitingSeconds` are of this moment. Everything else is over the time from `from` to `to`. An attempt has an outcome where its handler ended by itself or by its timeout. `failureRate` is the share of outcomes that failed, and `throughputPerMinute` counts those that completed. `wait` is the time from when a job could start to when it did, `run` the time from then to its end. Both are in seconds, and null where nothing was measured. Percentiles of more than an hour are within 10 %.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, range: '24h' },
    })
    .input(metricsInput)
    .output(overview)
    .query(async ({ ctx, input: { organizationId, ...time } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      return toWireTime(await metricsOverview(ctx.services.db, timeIn(time), narrow(ctx.scope, organizationId)))
    }),

  byType: authenticated
    .meta({
      summary: 'The same for each job type',
      description:
        'Job types of which something was submitted or ended in the time, or of which jobs wait or run now, by name. Counts, rates and durations mean what they mean in `metrics.overview`; `waiting` and `running` are of this moment.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, range: '7d' },
    })
    .input(byTypeInput)
    .output(typeMetricsPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit, ...time } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const wanted = { ...timeIn(time), cursor: cursor ?? undefined, limit: limit ?? 100 }
      return toWireTime(await metricsByType(ctx.services.db, wanted, narrow(ctx.scope, organizationId)))
    }),

  timeseries: authenticated
    .meta({
      summary: 'The same over time',
      description:
        'The time in whole buckets of equal length, oldest first, with empty ones. They begin at whole multiples of their length, in UTC. The last one of a range is still filling. Durations are in seconds, and null where nothing ended.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, range: '24h' },
    })
    .input(metricsInput)
    .output(timeseries)
    .query(async ({ ctx, input: { organizationId, ...time } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const { bucketSeconds, points } = await metricsTimeseries(
        ctx.services.db,
        timeIn(time),
        narrow(ctx.scope, organizationId),
      )
      return { bucketSeconds, points: points.map((point) => ({ ...point, at: iso(point.at) })) }
    }),

  waiting: authenticated
    .meta({
      summary: 'What the waiting jobs wait for, and how long',
      description:
        'Every job that is PENDING, QUEUED, FAILED or TIMED_OUT, counted under the first reason that `jobs.explain` gives it. The filter `waitingFor` of `jobs.list`, with the item’s `code`, finds them. Jobs of one code are counted apart where they wait for different job types, organizations or targets. An estimate is made of what waits now: jobs that arrive later are not in it.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(waitingInput.optional())
    .output(waiting)
    .query(async ({ ctx, input: { organizationId, ...asked } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      return waitingSummary(ctx.services.db, asked, narrow(ctx.scope, organizationId))
    }),

  failing: authenticated
    .meta({
      summary: 'What fails, and why',
      description:
        'Causes of the attempts that failed or timed out, and of the jobs that ended in DEAD_LETTER, in the time: one item for each organization, job type and error fingerprint. Those with dead jobs and those that are new within 24 h come first, then those seen within the last hour, each with most first. `dead` and `open` are of this moment. What is ignored (`deadLetters.ignore`) is left out, unless it is asked for.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, range: '24h' },
    })
    .input(failingInput)
    .output(failingPage)
    .query(async ({ ctx, input: { organizationId, ignored, cursor, limit, ...time } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await failingCauses(
        ctx.services.db,
        { ...timeIn(time), ignored, cursor: cursor ?? undefined, limit: limit ?? 25 },
        narrow(ctx.scope, organizationId),
      )
      return {
        items: page.items.map((cause) => ({
          ...cause,
          trend: { ...cause.trend, points: cause.trend.points.map(({ at, count }) => ({ at: iso(at), count })) },
          newSince: isoOrNull(cause.newSince),
          firstSeenAt: iso(cause.firstSeenAt),
          lastSeenAt: iso(cause.lastSeenAt),
          sample: { ...cause.sample, at: iso(cause.sample.at) },
          open: { ...cause.open, nextRetryAt: isoOrNull(cause.open.nextRetryAt) },
        })),
        nextCursor: page.nextCursor,
      }
    }),

  platform: authenticated
    .meta({
      summary: 'How each organization does beside the others',
      description:
        'One item for each organization that is not deleted, outliers first. `waiting`, `running`, `unfinished`, `slots` and `paused` are of this moment or at most 15 s old, the other figures are over the range. The order is found anew at each call: an organization that moves between two pages may come twice or not at all. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_PERMITTED'],
      example: { sort: 'outliers', limit: 50 },
    })
    .input(platformInput.optional())
    .output(platformPage)
    .query(({ ctx, input: { range, sort, search, cursor, limit } = {} }) => {
      requireSystemAdmin(ctx.principal, 'organizations.read')
      return readPlatform(ctx.services.db, {
        range: range ?? '1h',
        sort: sort ?? 'outliers',
        search,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
        maxAgeMs: PLATFORM_AGE_MS,
      })
    }),

  /**
   * Workers that are alive, and those that ended within the last hour. Of the jobs they run, the caller gets those that
   * they may see.
   */
  workers: authenticated
    .meta({
      summary: 'Lists workers and what they run',
      description:
        'Workers that are alive, and after them those that ended within the last hour, each the latest started first. `gone` counts those that ended, on all pages. LOST means that a worker was not seen for 15 s and has not stopped in good order. `slots` is how many jobs it can run at once. `busy` is how many of its slots are taken by whatever job. `counts` and `running` (the 50 that have run longest) have jobs of the organizations that you may see, or of the given one. `host`, `pid`, `memory` and `handlerProblems` (files of handlers that it could not take) are for SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND'],
      example: { limit: 10 },
    })
    .input(workersInput.optional())
    .output(workerPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await listWorkers(
        ctx.services.db,
        { cursor: cursor ?? undefined, limit: limit ?? 25, machines: ctx.principal.systemAdmin },
        narrow(ctx.scope, organizationId),
      )
      return { ...page, items: page.items.map(toWireWorker) }
    }),

  fleet: authenticated
    .meta({
      summary: 'How all workers together do',
      description:
        'Workers, slots and how many of these are taken belong to the platform. `jobsPerMinute` and `longestRun` are about the organizations that you may see, or the given one.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(fleetInput.optional())
    .output(fleet)
    .query(async ({ ctx, input: { organizationId } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const { longestRun, ...rest } = await fleetOf(ctx.services.db, narrow(ctx.scope, organizationId))
      return { ...rest, longestRun: longestRun && toWireRunning(longestRun) }
    }),

  stuck: authenticated
    .meta({
      summary: 'Lists running jobs that look stuck',
      description:
        'A job looks stuck if it runs for over three times the p95 of its job type and has reported nothing for a minute, or if it has reported no progress and logged nothing for minutes. A slow job that goes on reporting is never listed. In the order in which they were submitted; of more than 2,000 running jobs the oldest are looked at.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(stuckInput.optional())
    .output(stuckPage)
    .query(async ({ ctx, input: { organizationId, jobId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const wanted = { jobId, cursor: cursor ?? undefined, limit: limit ?? 25 }
      const page = await stuckJobs(ctx.services.db, wanted, narrow(ctx.scope, organizationId))
      return { items: page.items.map(toWireRunning), nextCursor: page.nextCursor }
    }),

  marks: authenticated
    .meta({
      summary: 'What people and Jobyard did in a time, for charts',
      description:
        'Pauses and their ends, circuits that opened and closed, changed limits, and versions of workers, newest first. Acts about the whole platform and about job types of which you may see a job are included.',
      refuses: ['NOT_FOUND'],
      example: {
        organizationId: EXAMPLE.organizationId,
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-11-08T00:00:00.000Z',
      },
    })
    .input(marksInput)
    .output(markPage)
    .query(async ({ ctx, input: { organizationId, from, to, cursor, limit } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const wanted = { from, to, cursor: cursor ?? undefined, limit: limit ?? 100 }
      const page = await listMarks(ctx.services.db, wanted, narrow(ctx.scope, organizationId))
      return {
        items: page.items.map(({ id, ...mark }) => ({
          ...mark,
          at: iso(mark.at),
          auditId: mayReadAudit(ctx, mark.organizationId) ? id : null,
        })),
        nextCursor: page.nextCursor,
      }
    }),
})

const toWireTime = <Answer extends { from: Date; to: Date }>(answer: Answer) => ({
  ...answer,
  from: iso(answer.from),
  to: iso(answer.to),
})
