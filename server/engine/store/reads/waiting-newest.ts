import { Prisma, type DbOrTx } from '@/server/db'
import { WAITING_STATUSES } from '../../domain/state'
import type { JobFilter, Scope } from '../../domain/types'
import type { WaitingReason } from '../../domain/waiting-reasons'
import { dueAt } from '../rank'
import { scopeWithin } from './filter'
import { commonConditions, joinedByAnd, statusCondition } from './filter-conditions'
import type { Cut } from './search'
import { THE_REST, whatStandsApart, type Apart } from './waiting-apart'
import type { WaitingGroup } from './waiting-counts'
import { missingHandlers } from './waiting-facts'
import { reasonsIn } from './waiting-filter'
import { reasonsOf } from './waiting-groups'
import { stage, versionOf } from './waiting-stages'

const { sql } = Prisma

/** How many of the newest jobs are looked at. */
const NEAR = 10_000
/** How many waiting jobs are judged for each that is wanted. */
const JUDGED_FOR_EACH_WANTED = 20

/** What else a filter may ask for: the job's own row tells it. */
const TOLD_BY_ROWS: readonly (keyof JobFilter)[] = [
  'waitingFor',
  'status',
  'jobType',
  'jobTypePrefix',
  'priority',
  'submittedById',
  'createdAfter',
  'createdBefore',
]

type Place = Omit<WaitingGroup, 'count' | 'firstDue' | 'lastDue' | 'sample'>
type Candidate = Place & { id: string; dueAt: Date }

/**
 * A page of jobs that wait for some reasons, over all organizations, from the newest jobs alone: of a reason that many
 * jobs have, a page is found there. Null where these do not fill the page, and for any other filter. Then all that
 * waits has to be counted first (`resolveFilter`).
 */
export async function newestWaiting(db: DbOrTx, filter: JobFilter, scope: Scope, cut: Cut): Promise<string[] | null> {
  const codes = reasonsIn(filter)
  const isGiven = ([, value]: [string, unknown]) => value !== undefined
  const given = Object.entries(filter).filter(isGiven)
  if (!codes || !('all' in scopeWithin(scope, filter.organizationId))) return null
  if (!given.every(([name]) => (TOLD_BY_ROWS as readonly string[]).includes(name))) return null

  const [missing, apart] = [await missingHandlers(db), await whatStandsApart(db, scope)]
  const candidates = await readCandidates(db, filter, cut, [...missing.keys()])
  const groups = gather(candidates, apart)
  const reasons = await reasonsOf(db, groups, missing, codes)
  if (!reasons) return null
  const isAsked = ({ code }: WaitingReason) => codes.includes(code)
  const found = groups.flatMap((group) => {
    const next = reasons.nextIn(group)
    return group.ids.filter((id) => isAsked(id === next?.id ? next.reason : reasons.of(group)))
  })
  // Ids begin with the time, and sort as their text does.
  return found.length < cut.limit ? null : found.sort().reverse().slice(0, cut.limit)
}

/** Waiting jobs among the newest of all. */
function readCandidates(
  db: DbOrTx,
  filter: JobFilter,
  { before, limit }: Cut,
  versioned: readonly string[],
): Promise<Candidate[]> {
  const where = joinedByAnd([
    ...commonConditions({ ...filter, waitingFor: undefined }, 'j', {}),
    ...statusCondition(WAITING_STATUSES.filter((status) => !filter.status?.length || filter.status.includes(status))),
  ])
  return db.$queryRaw<Candidate[]>`
    SELECT j.id, ${stage} AS stage, j.organization_id AS "organizationId", j.job_type AS "jobType", j.queue, j.priority, ${versionOf(versioned)} AS version,
      ${dueAt(sql`j.rank_at`, sql`j.priority`)} AS "dueAt"
    FROM (SELECT * FROM jobs j ${before ? sql`WHERE j.id < ${before}::uuid` : Prisma.empty} ORDER BY j.id DESC LIMIT ${NEAR}) j
    WHERE ${where} LIMIT ${JUDGED_FOR_EACH_WANTED * limit}`
}

/** Takes together what waits for the same reason. */
function gather(candidates: readonly Candidate[], apart: Apart | null): (WaitingGroup & { ids: string[] })[] {
  const groups = new Map<string, WaitingGroup & { ids: string[] }>()
  for (const { id, dueAt, ...candidate } of candidates) {
    const sample = candidate.organizationId
    const place: Place = { ...candidate, organizationId: apart && isOfTheRest(apart, candidate) ? THE_REST : sample }
    const key = Object.values(place).join(' ')
    const group = groups.get(key) ?? { ...place, sample, ids: [], count: 0, firstDue: dueAt, lastDue: dueAt }
    groups.set(key, group)
    group.ids.push(id)
    group.count++
    if (dueAt < group.firstDue) group.firstDue = dueAt
    if (dueAt > group.lastDue) group.lastDue = dueAt
  }
  return [...groups.values()]
}

const isOfTheRest = ({ organizations, jobTypes }: Apart, { organizationId, jobType }: Place): boolean =>
  !organizations.includes(organizationId) && !jobTypes.includes(jobType)
