import { Prisma } from '@/server/db'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { isFinal, JOB_STATUSES, WAITING_STATUSES } from '../../domain/state'
import type { JobStatus, Scope } from '../../domain/types'
import { isUuid } from '../../domain/uuid'
import { aboveAFloor, amongTheNewest, MOST_WANTED } from './among-the-newest'
import { bySubmitter } from './by-submitter'
import { byEnd } from './ended'
import { asksWhenFailed, failedJobs } from './failed'
import {
  changedBy,
  commonConditions,
  idBounds,
  inputConditions,
  jobConditions,
  joinedByAnd,
  statusCondition,
  typeConditions,
  waitingBound,
  type ResolvedFilter,
} from './filter-conditions'
import { inScope } from './job-view'
import { byParametersEverywhere } from './parameters'
import { bySearch, type Cut } from './search'
import { idsIn, statusesIn, type WaitingPlaces } from './waiting-stages'

/**
 * A query for the ids of the jobs that match, newest first unless `cut.ordered` is false, or null where nothing can. Most
 * shapes walk one index in order and stop early: `jobs_by_fingerprint` for one kind of error, `jobs_by_status_and_kind` for unfinished and
 * failed jobs, one of job_inputs' indexes for the rest, its GIN index for values of parameters, `job_attempts_by_cause`
 * for what failed within a time. Words are looked for among the newest of these, then in the index of words
 * (`search.ts`). Jobs that ended at some time are looked for in the same way, then in the indexes by time (`ended.ts`).
 */
export function matchingIds(filter: ResolvedFilter, scope: Scope, cut: Cut): Prisma.Sql | null {
  const within = scopeWithin(scope, filter.organizationId)
  const statuses = statusesOf(filter)
  if (statuses?.length === 0 || ('organizationIds' in within && within.organizationIds.length === 0)) return null

  if (filter.search || filter.title) return bySearchAnd(filter, within, statuses, cut)
  if (filter.endedAfter || filter.endedBefore) return byEndAndRest(filter, within, statuses!, cut)
  if (filter.bulkId || filter.requestId) return byList(filter, within, statuses, cut)
  if (filter.args?.length || filter.rerunOf || filter.scheduleId) return byParameters(filter, within, statuses, cut)
  if (asksWhenFailed(filter)) return byFailure(filter, within, statuses, cut)
  if (filter.errorFingerprint) return byFingerprint(filter, within, statuses, cut)
  if (typeof filter.waitingFor === 'object' && filter.waitingFor.few) return byPlace(filter, within, statuses, cut)
  if (statuses && !statuses.includes('COMPLETED')) {
    const query = byStatus(filter, within, statuses, cut)
    if (!filter.submittedById) return query
    const holds = restOfFilterHolds(filter, statuses, cut)
    return bySubmitter({ filter, organizations: organizationSource(within), cut, holds, otherwise: query })
  }
  return byInput(filter, within, statuses, cut)
}

/** The scope, narrowed to the organization that the filter names. */
export function scopeWithin(scope: Scope, organizationId: string | undefined): Scope {
  if (organizationId === undefined) return scope
  const allowed = 'all' in scope || scope.organizationIds.includes(organizationId)
  return { organizationIds: allowed ? [organizationId] : [] }
}

/** The statuses that can match at all, because only some of them have an error, or wait. Undefined means all. */
function statusesOf(filter: ResolvedFilter): JobStatus[] | undefined {
  let possible: readonly JobStatus[] = JOB_STATUSES
  if (filter.status?.length) possible = possible.filter((status) => filter.status?.includes(status))
  if (filter.errorFingerprint && !asksWhenFailed(filter)) possible = possible.filter((status) => status !== 'COMPLETED')
  if (filter.waitingLongerThanSeconds !== undefined || filter.waitingFor) {
    possible = possible.filter((status) => (WAITING_STATUSES as readonly JobStatus[]).includes(status))
  }
  if (typeof filter.waitingFor === 'object') {
    const there = statusesIn(filter.waitingFor)
    possible = possible.filter((status) => there.includes(status))
  }
  if (filter.endedAfter || filter.endedBefore) possible = possible.filter(isFinal)
  return possible.length === JOB_STATUSES.length ? undefined : [...possible]
}

/** Reads the newest jobs with this error for each organization, and then takes the newest of them. */
function byFingerprint(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const where = joinedByAnd([
    Prisma.sql`j.organization_id = o.id`,
    ...commonConditions(filter, 'j', cut),
    ...statusCondition(statuses),
    ...jobConditions(filter),
  ])
  return Prisma.sql`
    SELECT found.id FROM ${organizationSource(scope)}
    CROSS JOIN LATERAL (SELECT j.id FROM jobs j WHERE ${where} ORDER BY j.id DESC LIMIT ${cut.limit}) found
    ${newest(cut)}`
}

/** Collects the jobs of which an attempt failed within a time, and then takes the newest of them. */
function byFailure(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const { failedAfter, failedBefore, errorFingerprint, ...rest } = filter
  const from = failedJobs(
    { failedAfter, failedBefore, errorFingerprint },
    { organizations: organizationSource(scope), ofType: typeConditions(filter, Prisma.sql`a.job_type`) },
  )
  // Attempts know their type.
  const others = { ...rest, jobType: undefined, jobTypePrefix: undefined }
  return Prisma.sql`SELECT f.id FROM ${from} WHERE ${restOfFilterHolds(others, statuses, cut)(Prisma.sql`f.id`)}
    ${cut.ordered === false ? Prisma.empty : Prisma.sql`ORDER BY f.id DESC`} LIMIT ${cut.limit}`
}

/**
 * Reads the newest jobs for each status and organization, and then takes the newest of them. The index tells type and
 * priority. Where these are asked for together with what only rows tell, the index sorts out the others first.
 */
function byStatus(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[], cut: Cut): Prisma.Sql {
  const { jobType, jobTypePrefix, priority, ...others } = filter
  const bounds = [...idBounds(filter, Prisma.sql`j.id`, cut), ...waitingBound(filter, Prisma.sql`j.id`)]
  const ofIndex = joinedByAnd([
    Prisma.sql`j.status = s.status AND j.status <> 'COMPLETED' AND j.organization_id = o.id`,
    ...bounds,
    ...commonConditions({ jobType, jobTypePrefix, priority }, 'j', {}),
  ])
  const ofRow = [...commonConditions(others, 'j', {}), ...jobConditions(filter)]
  const isNarrowed = Boolean(jobType?.length || jobTypePrefix || priority?.length)
  const ids = (floor: Prisma.Sql) =>
    isNarrowed && ofRow.length > 0
      ? Prisma.sql`SELECT k.id FROM (SELECT j.id FROM jobs j WHERE ${ofIndex} ${floor} ORDER BY j.id DESC OFFSET 0) k
          WHERE EXISTS (SELECT FROM jobs j WHERE ${joinedByAnd([Prisma.sql`j.id = k.id`, ...ofRow])} OFFSET 0) ORDER BY k.id DESC LIMIT ${cut.limit}`
      : Prisma.sql`SELECT j.id FROM jobs j WHERE ${joinedByAnd([ofIndex, ...ofRow])} ${floor} ORDER BY j.id DESC LIMIT ${cut.limit}`
  const query = (floor: Prisma.Sql) => Prisma.sql`
    SELECT found.id FROM ${organizationSource(scope)}
    CROSS JOIN unnest(${statuses}::"JobStatus"[]) AS s(status)
    CROSS JOIN LATERAL (${ids(floor)}) found
    ${newest(cut)}`
  // Nearly all jobs may be PENDING, and most of these are young.
  const fromTheNewest = 'all' in scope && cut.forWords && cut.ordered !== false && statuses.includes('PENDING')
  return fromTheNewest ? aboveAFloor(query, cut) : query(Prisma.empty)
}

/** Collects the jobs that wait for one of the reasons, and then takes the newest of them. */
function byPlace(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const { waitingFor, ...rest } = filter
  const where = joinedByAnd([
    inScope(Prisma.sql`j.organization_id`, scope),
    ...commonConditions(filter, 'j', cut),
    ...statusCondition(statuses),
    ...jobConditions(rest),
  ])
  return Prisma.sql`SELECT found.id FROM (${idsIn(waitingFor as WaitingPlaces, where)}) found ${newest(cut)}`
}

/**
 * Reads the newest jobs for each organization (and type, or priority), and then takes the newest of them. The job's own
 * row is read only where it is needed.
 */
function byInput(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const { from, onJob } = withJob(filter, statuses, cut)
  const types = typeSource(filter)
  const priorities = types || filter.submittedById || !filter.priority?.length ? null : [...new Set(filter.priority)]
  if ('all' in scope && !types && !priorities && !filter.submittedById) {
    const where = joinedByAnd([Prisma.sql`TRUE`, ...commonConditions(filter, 'i', cut), ...onJob])
    return Prisma.sql`SELECT i.job_id AS id FROM ${from} WHERE ${where} ORDER BY i.job_id DESC LIMIT ${cut.limit}`
  }
  const where = joinedByAnd([
    Prisma.sql`i.organization_id = o.id`,
    ...(types ? [Prisma.sql`i.job_type = t.name`] : []),
    ...(priorities ? [Prisma.sql`i.priority = p.priority`] : []),
    ...commonConditions(filter, 'i', cut, { typed: types !== null, prioritized: priorities !== null }),
    ...onJob,
  ])
  const ofEach = Prisma.sql`
    SELECT found.id FROM ${organizationSource(scope)} ${types ? Prisma.sql`CROSS JOIN ${types}` : Prisma.empty}
    ${priorities ? Prisma.sql`CROSS JOIN unnest(${priorities}::"JobPriority"[]) AS p(priority)` : Prisma.empty}
    CROSS JOIN LATERAL (SELECT i.job_id AS id FROM ${from} WHERE ${where} ORDER BY i.job_id DESC LIMIT ${cut.limit}) found
    ${newest(cut)}`
  if (!('all' in scope) || cut.ordered === false || cut.limit > MOST_WANTED) return ofEach
  const here = joinedByAnd([Prisma.sql`TRUE`, ...commonConditions(filter, 'i', cut), ...onJob])
  return amongTheNewest({ from, where: here, otherwise: ofEach }, cut)
}

/** Words, and whatever else the filter asks for. */
function bySearchAnd(
  filter: ResolvedFilter,
  scope: Scope,
  statuses: JobStatus[] | undefined,
  cut: Cut,
): Prisma.Sql | null {
  const { search, title, ...rest } = filter
  return bySearch({
    search,
    title,
    scope,
    cut,
    organizations: organizationSource(scope),
    // A filter that no job can match was sorted out above, so there is always a query. It is not brief: a brief one may
    // leave jobs out, and would say so by a row that is no job (MORE of search.ts).
    rest: (limit) => matchingIds(rest, scope, { ...cut, limit, brief: false, forWords: true })!,
    restHolds: restOfFilterHolds(rest, statuses, cut),
    few: statuses !== undefined && !statuses.includes('COMPLETED'),
    withErrors: statuses?.some((status) => status !== 'COMPLETED') ?? true,
    jobId: search && isUuid(search) ? search : null,
  })
}

/** A stretch of time in which they ended, and whatever else the filter asks for. */
function byEndAndRest(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[], cut: Cut): Prisma.Sql {
  const { endedAfter, endedBefore, status: _, ...rest } = filter
  // Nearly all jobs that ended are COMPLETED. A walk that looks for that status would step over a whole backlog of
  // waiting jobs. So the newest jobs are taken whatever their status is, and `byEnd` compares it.
  const newestFirst = statuses.includes('COMPLETED') ? rest : { ...rest, status: statuses }
  const ceiling = endedBefore ? idAt(endedBefore.getTime() + CLOCK_SKEW_MS) : undefined
  const before =
    cut.before !== undefined && ceiling !== undefined && cut.before > ceiling ? ceiling : (cut.before ?? ceiling)
  return byEnd({
    after: endedAfter,
    before: endedBefore,
    statuses,
    cut,
    organizations: organizationSource(scope),
    newest: (limit) => matchingIds(newestFirst, scope, { limit, before })!,
    ofAttempt: typeConditions(filter, Prisma.sql`a.job_type`),
    ofJob: [...commonConditions(filter, 'j', {}), ...jobConditions(rest)],
    // Attempts know their type.
    ofInput: inputHolds([
      ...commonConditions({ ...rest, jobType: undefined, jobTypePrefix: undefined }, 'i', {}),
      ...inputConditions(rest),
    ]),
  })
}

/**
 * Makes a condition on an id: the filter, apart from the scope and from words, holds for the job with this id, and so
 * does the bound of the page.
 */
function restOfFilterHolds(
  filter: ResolvedFilter,
  statuses: JobStatus[] | undefined,
  { before }: Cut,
): (id: Prisma.Sql) => Prisma.Sql {
  const onJob = [...(statuses ? [Prisma.sql`j.status::text = ANY(${statuses})`] : []), ...jobConditions(filter)]
  const onInput = inputHolds([...commonConditions(filter, 'i', {}), ...inputConditions(filter)])
  return (id) =>
    joinedByAnd([
      before ? Prisma.sql`${id} < ${before}::uuid` : Prisma.sql`TRUE`,
      onInput(id),
      ...(onJob.length > 0
        ? [Prisma.sql`EXISTS (SELECT FROM jobs j WHERE ${joinedByAnd([Prisma.sql`j.id = ${id}`, ...onJob])} OFFSET 0)`]
        : []),
    ])
}

const inputHolds = (conditions: readonly Prisma.Sql[]) => (id: Prisma.Sql) =>
  conditions.length === 0
    ? Prisma.sql`TRUE`
    : Prisma.sql`EXISTS (SELECT FROM job_inputs i WHERE ${joinedByAnd([Prisma.sql`i.job_id = ${id}`, ...conditions])} OFFSET 0)`

/**
 * Values, or the job that they repeat: which index is best depends on how common they are, and that the planner knows.
 */
function byParameters(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const { from, onJob } = withJob(filter, statuses, cut)
  // The condition is given for the job's row, too. Where the values are common, the planner may then begin with the few
  // jobs in those statuses.
  const fewStatuses =
    statuses && !statuses.includes('COMPLETED')
      ? [Prisma.sql`j.status <> 'COMPLETED'`, inScope(Prisma.sql`j.organization_id`, scope)]
      : []
  const where = joinedByAnd([
    inScope(Prisma.sql`i.organization_id`, scope),
    ...fewStatuses,
    ...commonConditions(filter, 'i', cut),
    ...inputConditions(filter),
    ...onJob,
  ])
  const order = cut.ordered === false ? Prisma.empty : Prisma.sql`ORDER BY i.job_id DESC`
  const query = Prisma.sql`SELECT i.job_id AS id FROM ${from} WHERE ${where} ${order} LIMIT ${cut.limit}`
  const { args, ...rest } = filter
  // A count that asks nothing of the job's own row is answered by the index of parameters.
  if (!('all' in scope) || !args?.length || (cut.ordered === false && onJob.length === 0)) return query
  const everywhere = byParametersEverywhere({
    cut,
    // A filter that no job can match was sorted out above, so there is always a query. It is not brief: a brief one may
    // leave jobs out, and would say so by a row that is no job (MORE of search.ts).
    rest: (limit) => matchingIds(rest, scope, { ...cut, limit, brief: false })!,
    restHolds: restOfFilterHolds(rest, statuses, cut),
    holds: joinedByAnd(inputConditions({ args })),
    otherwise: query,
  })
  return everywhere ?? query
}

/**
 * Inputs `i`, with the jobs `j` where something is asked that only these know. Bounds of ids are given for both:
 * PostgreSQL does not conclude one from the other, and a walk over both in order would begin at the newest job and not
 * at the bound.
 */
function withJob(filter: ResolvedFilter, statuses: JobStatus[] | undefined, cut: Cut) {
  const onJob = [...statusCondition(statuses), ...jobConditions(filter)]
  return onJob.length === 0
    ? { from: Prisma.sql`job_inputs i`, onJob }
    : {
        from: Prisma.sql`job_inputs i JOIN jobs j ON j.id = i.job_id`,
        onJob: [...onJob, ...idBounds(filter, Prisma.sql`j.id`, cut)],
      }
}

/** Jobs that a bulk action changed, or that an open request holds: the list of their ids is walked. */
function byList(filter: ResolvedFilter, scope: Scope, statuses: JobStatus[] | undefined, cut: Cut): Prisma.Sql {
  const where = joinedByAnd([
    filter.bulkId ? changedBy(filter.bulkId) : Prisma.sql`b.request_id = ${filter.requestId}::uuid`,
    ...(cut.before ? [Prisma.sql`b.job_id < ${cut.before}::uuid`] : []),
    inScope(Prisma.sql`i.organization_id`, scope),
    ...commonConditions(filter, 'i', cut),
    ...inputConditions(filter.bulkId ? { ...filter, bulkId: undefined } : { ...filter, requestId: undefined }),
    ...statusCondition(statuses),
    ...jobConditions(filter),
  ])
  return Prisma.sql`
    SELECT b.job_id AS id FROM ${filter.bulkId ? Prisma.sql`bulk_items b` : Prisma.sql`request_items b`}
    JOIN job_inputs i ON i.job_id = b.job_id JOIN jobs j ON j.id = b.job_id
    WHERE ${where} ORDER BY b.job_id DESC LIMIT ${cut.limit}`
}

const newest = ({ limit, ordered = true }: Cut): Prisma.Sql =>
  ordered ? Prisma.sql`ORDER BY found.id DESC LIMIT ${limit}` : Prisma.sql`LIMIT ${limit}`

/** The organizations of a scope as a table o(id), so that an index which begins with it is walked once for each. */
export const organizationSource = (scope: Scope): Prisma.Sql =>
  'all' in scope
    ? Prisma.sql`organizations o`
    : Prisma.sql`unnest(${[...new Set(scope.organizationIds)]}::uuid[]) AS o(id)`

/** The job types of the filter as a table t(name), or null where it names none. */
function typeSource({ jobType, jobTypePrefix }: ResolvedFilter): Prisma.Sql | null {
  if (jobType?.length) {
    const names = [...new Set(jobType)].filter((name) => name.startsWith(jobTypePrefix ?? ''))
    return Prisma.sql`unnest(${names}::text[]) AS t(name)`
  }
  if (!jobTypePrefix) return null
  return Prisma.sql`(SELECT name FROM job_types WHERE starts_with(name, ${jobTypePrefix})) AS t`
}
