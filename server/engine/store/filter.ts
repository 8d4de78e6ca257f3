import { Prisma } from '@/server/db'
import { JOB_STATUSES, WAITING_STATUSES } from '../domain/state'
import type { JobFilter, JobStatus, Json, Scope } from '../domain/types'
import { inScope } from './job-view'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** How far apart the clocks may be that made a job's id (caller's) and its created_at (PostgreSQL's). */
const CLOCK_SKEW_MS = 5 * 60_000

/**
 * A query for the ids of the jobs that match, newest first, at most `limit`, or null where nothing can.
 * Each shape walks one index in order and stops early: `jobs_by_status` for unfinished and failed
 * jobs, one of job_inputs' indexes for the rest, its GIN indexes for words and values of parameters.
 *
 * @param before only ids below this one: the keyset of the next page.
 */
export function matchingIds(filter: JobFilter, scope: Scope, limit: number, before?: string): Prisma.Sql | null {
  const within = intersect(scope, filter.organizationId)
  const statuses = statusesOf(filter)
  if (statuses?.length === 0 || ('organizationIds' in within && within.organizationIds.length === 0)) return null

  if (filter.search || filter.args?.length) return byParameters(filter, within, statuses, limit, before)
  if (statuses && !statuses.includes('COMPLETED')) return byStatus(filter, within, statuses, limit, before)
  return byInput(filter, within, statuses, limit, before)
}

/** The scope, cut down to the one organization that the filter names. */
function intersect(scope: Scope, organizationId: string | undefined): Scope {
  if (organizationId === undefined) return scope
  const allowed = 'all' in scope || scope.organizationIds.includes(organizationId)
  return { organizationIds: allowed ? [organizationId] : [] }
}

/** Which statuses can match at all; undefined: any. Only some of them have an error, or wait. */
function statusesOf(filter: JobFilter): JobStatus[] | undefined {
  let possible: readonly JobStatus[] = JOB_STATUSES
  if (filter.status?.length) possible = possible.filter((status) => filter.status?.includes(status))
  if (filter.errorFingerprint) possible = possible.filter((status) => status !== 'COMPLETED')
  if (filter.waitingLongerThanSeconds !== undefined) {
    possible = possible.filter((status) => (WAITING_STATUSES as readonly JobStatus[]).includes(status))
  }
  return possible.length === JOB_STATUSES.length ? undefined : [...possible]
}

/** For each status and organization its newest, then the newest of those. */
function byStatus(filter: JobFilter, scope: Scope, statuses: JobStatus[], limit: number, before?: string): Prisma.Sql {
  const where = and([
    Prisma.sql`j.status = s.status AND j.status <> 'COMPLETED' AND j.organization_id = o.id`,
    ...commonConditions(filter, 'j', before),
    ...jobConditions(filter),
  ])
  return Prisma.sql`
    SELECT found.id FROM ${organizationSource(scope)}
    CROSS JOIN unnest(${statuses}::"JobStatus"[]) AS s(status)
    CROSS JOIN LATERAL (SELECT j.id FROM jobs j WHERE ${where} ORDER BY j.id DESC LIMIT ${limit}) found
    ORDER BY found.id DESC LIMIT ${limit}`
}

/** For each organization (and type) its newest, then the newest of those; the job's row where it is needed. */
function byInput(filter: JobFilter, scope: Scope, statuses: JobStatus[] | undefined, limit: number, before?: string): Prisma.Sql {
  const onJob = [...statusCondition(statuses), ...jobConditions(filter)]
  const from = onJob.length > 0 ? Prisma.sql`job_inputs i JOIN jobs j ON j.id = i.job_id` : Prisma.sql`job_inputs i`
  const types = typeSource(filter)
  if ('all' in scope && !types && !filter.submittedById) {
    const where = and([Prisma.sql`TRUE`, ...commonConditions(filter, 'i', before), ...onJob])
    return Prisma.sql`SELECT i.job_id AS id FROM ${from} WHERE ${where} ORDER BY i.job_id DESC LIMIT ${limit}`
  }
  const where = and([
    Prisma.sql`i.organization_id = o.id`,
    ...(types ? [Prisma.sql`i.job_type = t.name`] : []),
    ...commonConditions(filter, 'i', before, { typed: types !== null }),
    ...onJob,
  ])
  return Prisma.sql`
    SELECT found.id FROM ${organizationSource(scope)} ${types ? Prisma.sql`CROSS JOIN ${types}` : Prisma.empty}
    CROSS JOIN LATERAL (SELECT i.job_id AS id FROM ${from} WHERE ${where} ORDER BY i.job_id DESC LIMIT ${limit}) found
    ORDER BY found.id DESC LIMIT ${limit}`
}

/** Words and values: which index is best depends on how common they are, and that the planner knows. */
function byParameters(filter: JobFilter, scope: Scope, statuses: JobStatus[] | undefined, limit: number, before?: string): Prisma.Sql {
  const onJob = [...statusCondition(statuses), ...jobConditions(filter)]
  const from = onJob.length > 0 ? Prisma.sql`job_inputs i JOIN jobs j ON j.id = i.job_id` : Prisma.sql`job_inputs i`
  const where = and([
    inScope(Prisma.sql`i.organization_id`, scope),
    ...commonConditions(filter, 'i', before),
    ...(filter.search ? [searchCondition(filter.search)] : []),
    ...(filter.args ?? []).map(argCondition),
    ...onJob,
  ])
  return Prisma.sql`SELECT i.job_id AS id FROM ${from} WHERE ${where} ORDER BY i.job_id DESC LIMIT ${limit}`
}

const and = (conditions: Prisma.Sql[]): Prisma.Sql => Prisma.join(conditions, ' AND ')

/** The organizations of a scope as a table o(id), so that an index which begins with it is walked once for each. */
export const organizationSource = (scope: Scope): Prisma.Sql =>
  'all' in scope
    ? Prisma.sql`organizations o`
    : Prisma.sql`unnest(${[...new Set(scope.organizationIds)]}::uuid[]) AS o(id)`

/** The job types of the filter as a table t(name), or null where it names none. */
function typeSource({ jobType, jobTypePrefix }: JobFilter): Prisma.Sql | null {
  if (jobType?.length) {
    const names = [...new Set(jobType)].filter((name) => name.startsWith(jobTypePrefix ?? ''))
    return Prisma.sql`unnest(${names}::text[]) AS t(name)`
  }
  if (!jobTypePrefix) return null
  return Prisma.sql`(SELECT name FROM job_types WHERE starts_with(name, ${jobTypePrefix})) AS t`
}

/** What both tables hold, so that whichever is walked answers alone. */
function commonConditions(filter: JobFilter, table: 'i' | 'j', before?: string, { typed = false } = {}): Prisma.Sql[] {
  const column = (name: string) => Prisma.raw(`${table}.${name}`)
  const id = column(table === 'i' ? 'job_id' : 'id')
  const conditions: Prisma.Sql[] = []
  if (before) conditions.push(Prisma.sql`${id} < ${before}::uuid`)
  if (!typed && filter.jobType?.length) conditions.push(Prisma.sql`${column('job_type')} = ANY(${filter.jobType})`)
  if (!typed && filter.jobTypePrefix) conditions.push(Prisma.sql`starts_with(${column('job_type')}, ${filter.jobTypePrefix})`)
  if (filter.submittedById) conditions.push(Prisma.sql`${column('submitted_by_id')} = ${filter.submittedById}::uuid`)
  // The id begins with the time, so a bound on it cuts the walk short; created_at then decides exactly.
  if (filter.createdAfter) {
    const floor = idAt(filter.createdAfter.getTime() - CLOCK_SKEW_MS)
    conditions.push(Prisma.sql`${id} >= ${floor}::uuid AND ${column('created_at')} >= ${filter.createdAfter}`)
  }
  if (filter.createdBefore) {
    const ceiling = idAt(filter.createdBefore.getTime() + CLOCK_SKEW_MS)
    conditions.push(Prisma.sql`${id} < ${ceiling}::uuid AND ${column('created_at')} < ${filter.createdBefore}`)
  }
  return conditions
}

/** What changes while a job lives, so only the job's own row has it. */
function jobConditions(filter: JobFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = []
  if (filter.priority?.length) conditions.push(Prisma.sql`j.priority = ANY(${filter.priority}::"JobPriority"[])`)
  if (filter.errorFingerprint) conditions.push(Prisma.sql`j.error_fingerprint = ${filter.errorFingerprint}`)
  if (filter.waitingLongerThanSeconds !== undefined) {
    conditions.push(
      Prisma.sql`${dueAt} <= clock_timestamp() - make_interval(secs => ${filter.waitingLongerThanSeconds}::double precision)`,
    )
  }
  return conditions
}

/** Since when a waiting job could run: its retry's time, its hand-over after an earlier attempt, or its run time. */
export const dueAt = Prisma.sql`coalesce(j.next_retry_at, CASE WHEN j.status = 'QUEUED' AND j.attempt > 0 THEN j.queued_at END, j.run_at)`

const statusCondition = (statuses: JobStatus[] | undefined): Prisma.Sql[] =>
  statuses ? [Prisma.sql`j.status = ANY(${statuses}::"JobStatus"[])`] : []

/** All whole words, in any order and place of the parameters; or the job with that id. */
function searchCondition(search: string): Prisma.Sql {
  const words = Prisma.sql`jsonb_to_tsvector('simple', i.parameters, '["string", "numeric", "boolean"]') @@ plainto_tsquery('simple', ${search})`
  return UUID.test(search) ? Prisma.sql`(i.job_id = ${search}::uuid OR ${words})` : words
}

/** Containment finds candidates by index; the comparison at the path makes it equality. */
function argCondition({ path, value }: { path: string; value: Json }): Prisma.Sql {
  const keys = path.split('.')
  const text = JSON.stringify(value)
  const contains = shapesOf(keys, value).map((shape) => Prisma.sql`i.parameters @> ${JSON.stringify(shape)}::jsonb`)
  return Prisma.sql`((${Prisma.join(contains, ' OR ')}) AND i.parameters #> ${keys}::text[] = ${text}::jsonb)`
}

/** What parameters with this value at this path contain. A number in a path may be an index or a name. */
function shapesOf(keys: string[], value: Json): Json[] {
  return keys.reduceRight<Json[]>(
    (inner, key, at) =>
      inner.flatMap((shape): Json[] => {
        const named = { [key]: shape }
        // Only the first few numbers are tried both ways; a path of many is no path anybody has.
        return /^\d+$/.test(key) && at < 4 ? [named, [shape]] : [named]
      }),
    [value],
  )
}

/** The smallest UUIDv7 of a moment. */
export function idAt(ms: number): string {
  const hex = Math.max(0, Math.min(Math.floor(ms), 2 ** 48 - 1)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
