import { Prisma } from '@/server/db'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { pathSteps } from '../../domain/parameter-path'
import type { JobFilter, JobStatus, Json } from '../../domain/types'
import { asksWhenFailed, hasFailedAttempt } from './failed'
import type { Cut } from './search'
import { standsIn, type WaitingPlaces } from './waiting-stages'

// The conditions of a filter, by the table that can answer them: `i` is job_inputs, `j` is jobs. filter.ts decides
// which of them a query asks, and in which order it reads.

/**
 * A filter as queries take it. In place of reasons for which jobs wait it has the places where such jobs stand
 * (`resolveFilter` of waiting-filter.ts), or `any` for every reason.
 */
export type ResolvedFilter = Omit<JobFilter, 'waitingFor'> & { waitingFor?: WaitingPlaces | 'any' }

export const joinedByAnd = (conditions: Prisma.Sql[]): Prisma.Sql => Prisma.join(conditions, ' AND ')

/**
 * Items of a bulk action whose jobs were changed. An item has no status before its turn, unless a parent brought its
 * job back.
 */
export const changedBy = (bulkId: string): Prisma.Sql =>
  Prisma.sql`b.bulk_id = ${bulkId}::uuid AND b.skipped IS NULL AND (b.status IS NOT NULL OR b.revived)`

/**
 * Conditions on columns that both tables have, so that either of them can be walked alone. With `typed` or
 * `prioritized`, the query itself asks for the job types or priorities of the filter, so these conditions are left out.
 */
export function commonConditions(
  filter: ResolvedFilter,
  table: 'i' | 'j',
  { before }: Pick<Cut, 'before'>,
  { typed = false, prioritized = false } = {},
): Prisma.Sql[] {
  const column = (name: string) => Prisma.raw(`${table}.${name}`)
  const id = column(table === 'i' ? 'job_id' : 'id')
  const conditions = idBounds(filter, id, { before })
  if (!typed) conditions.push(...typeConditions(filter, column('job_type')))
  if (!prioritized && filter.priority?.length)
    conditions.push(Prisma.sql`${column('priority')} = ANY(${filter.priority}::"JobPriority"[])`)
  if (filter.submittedById) conditions.push(Prisma.sql`${column('submitted_by_id')} = ${filter.submittedById}::uuid`)
  if (filter.createdAfter) conditions.push(Prisma.sql`${column('created_at')} >= ${filter.createdAfter}`)
  if (filter.createdBefore) conditions.push(Prisma.sql`${column('created_at')} < ${filter.createdBefore}`)
  return conditions
}

/**
 * Between which ids the jobs are. An id begins with the time, so a bound on it ends a walk early. `created_at` then
 * decides exactly.
 */
export const idBounds = (
  { createdAfter, createdBefore }: ResolvedFilter,
  id: Prisma.Sql,
  { before }: Pick<Cut, 'before'>,
): Prisma.Sql[] => [
  ...(before ? [Prisma.sql`${id} < ${before}::uuid`] : []),
  ...(createdAfter ? [Prisma.sql`${id} >= ${idAt(createdAfter.getTime() - CLOCK_SKEW_MS)}::uuid`] : []),
  ...(createdBefore ? [Prisma.sql`${id} < ${idAt(createdBefore.getTime() + CLOCK_SKEW_MS)}::uuid`] : []),
]

/** What only the input has, and what attempts say of any job. */
export const inputConditions = ({
  args = [],
  rerunOf,
  scheduleId,
  bulkId,
  requestId,
  ...rest
}: ResolvedFilter): Prisma.Sql[] => [
  ...(asksWhenFailed(rest) ? [hasFailedAttempt(Prisma.sql`i.job_id`, rest)] : []),
  ...args.map(argCondition),
  ...(bulkId ? [Prisma.sql`EXISTS (SELECT FROM bulk_items b WHERE b.job_id = i.job_id AND ${changedBy(bulkId)})`] : []),
  ...(requestId
    ? [Prisma.sql`EXISTS (SELECT FROM request_items b WHERE b.job_id = i.job_id AND b.request_id = ${requestId}::uuid)`]
    : []),
  ...(rerunOf ? [Prisma.sql`i.rerun_of = ${rerunOf}::uuid`] : []),
  ...(scheduleId ? [Prisma.sql`i.schedule_id = ${scheduleId}::uuid`] : []),
]

export const typeConditions = ({ jobType, jobTypePrefix }: ResolvedFilter, column: Prisma.Sql): Prisma.Sql[] => [
  ...(jobType?.length ? [Prisma.sql`${column} = ANY(${jobType})`] : []),
  ...(jobTypePrefix ? [Prisma.sql`starts_with(${column}, ${jobTypePrefix})`] : []),
]

/** What changes while a job lives, so only the job's own row has it. */
export function jobConditions(filter: ResolvedFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = []
  if (filter.errorFingerprint && !asksWhenFailed(filter))
    conditions.push(Prisma.sql`j.error_fingerprint = ${filter.errorFingerprint}`)
  if (filter.waitingLongerThanSeconds !== undefined) {
    const since = Prisma.sql`clock_timestamp() - make_interval(secs => ${filter.waitingLongerThanSeconds}::double precision)`
    conditions.push(...waitingBound(filter, Prisma.sql`j.id`))
    conditions.push(Prisma.sql`j.created_at <= ${since} AND ${waitingSince} <= ${since}`)
  }
  if (typeof filter.waitingFor === 'object') conditions.push(standsIn(filter.waitingFor))
  if (filter.endedAfter) conditions.push(Prisma.sql`j.finished_at >= ${filter.endedAfter}`)
  if (filter.endedBefore) conditions.push(Prisma.sql`j.finished_at < ${filter.endedBefore}`)
  return conditions
}

/**
 * Below which id the jobs are that have waited for so long. A job waits from its submission at the earliest, whatever
 * its run time says. So the bound ends a walk early.
 */
export const waitingBound = ({ waitingLongerThanSeconds: seconds }: ResolvedFilter, id: Prisma.Sql): Prisma.Sql[] =>
  seconds === undefined ? [] : [Prisma.sql`${id} < ${idAt(Date.now() - seconds * 1000 + CLOCK_SKEW_MS)}::uuid`]

/** Since when a waiting job could run: the time of its retry, its return after an earlier attempt, or its run time. */
export const waitingSince = Prisma.sql`coalesce(j.next_retry_at, CASE WHEN j.status = 'QUEUED' AND j.attempt > 0 THEN j.queued_at END, j.run_at)`

export const statusCondition = (statuses: JobStatus[] | undefined): Prisma.Sql[] =>
  statuses ? [Prisma.sql`j.status = ANY(${statuses}::"JobStatus"[])`] : []

/**
 * Containment finds candidates by the index. The comparison at the path then requires equality with one of the values.
 */
function argCondition({ path, value, values = [value!] }: NonNullable<JobFilter['args']>[number]): Prisma.Sql {
  const keys = pathSteps(path)
  const texts = values.map((one) => JSON.stringify(one))
  const contains = values
    .flatMap((one) => shapesOf(keys, one))
    .map((shape) => Prisma.sql`i.parameters @> ${JSON.stringify(shape)}::jsonb`)
  return Prisma.sql`((${Prisma.join(contains, ' OR ')}) AND i.parameters #> ${keys}::text[] = ANY(${texts}::jsonb[]))`
}

/** What parameters with this value at this path contain. A number in a path may be an index or a name. */
function shapesOf(keys: string[], value: Json): Json[] {
  return keys.reduceRight<Json[]>(
    (inner, key, at) =>
      inner.flatMap((shape): Json[] => {
        const named = { [key]: shape }
        // Only a number among the first four parts of a path is tried both ways, because each one doubles the shapes.
        // Further on it counts as a name.
        return /^\d+$/.test(key) && at < 4 ? [named, [shape]] : [named]
      }),
    [value],
  )
}
