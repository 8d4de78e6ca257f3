import { Prisma, type DbOrTx } from '@/server/db'
import type { JobPriority, JobStatus, QueueName, Scope } from '../../domain/types'
import type { WaitingCode } from '../../domain/waiting-codes'
import { isBusy, waitingReasons, type WaitingReason } from '../../domain/waiting-reasons'
import { hasCome, overWaiting } from '../due'
import { takesItsTurn } from '../holds'
import { THE_REST, whatStandsApart, type Apart } from './waiting-apart'
import { countGroups, type WaitingGroup } from './waiting-counts'
import { missingHandlers, surroundingsOf, type MissingHandlers, type Surroundings } from './waiting-facts'
import { stagesOf, type Stage } from './waiting-stages'

const { sql } = Prisma

/** Jobs of a group that wait for the same reason. */
export interface ReasonedGroup extends WaitingGroup {
  reason: WaitingReason
  /** Set where it is about one job alone: the next of its organization. */
  only: string | null
}

export interface WaitingWork {
  groups: ReasonedGroup[]
  surroundings: Surroundings
  missing: MissingHandlers
  apart: Apart | null
}

export interface AskedWork {
  /** Work of one type alone. */
  jobType?: string
  /** The reasons that matter. What cannot wait for one of them is left out. */
  codes?: readonly WaitingCode[]
  /** A job type whose work is counted for each organization. */
  apartType?: string
}

/**
 * Every waiting job of a scope, counted in groups, each under the first reason of `jobs.explain`. The counts come from
 * one statement, so they add up.
 */
export async function waitingWork(
  db: DbOrTx,
  scope: Scope,
  { jobType, codes, apartType }: AskedWork = {},
): Promise<WaitingWork> {
  const missing = await missingHandlers(db)
  const counted = { scope, versioned: [...missing.keys()], jobType, stages: stagesOf(codes) }
  const reasonedApart = async (apart: Apart | null): Promise<WaitingWork | null> => {
    const groups = await countGroups(db, { ...counted, apart })
    const reasons = await reasonsOf(db, groups, missing, codes)
    return (
      reasons && {
        groups: groups.flatMap((group) => withNext(group, reasons)),
        surroundings: reasons.surroundings,
        missing,
        apart,
      }
    )
  }
  return (await reasonedApart(await whatStandsApart(db, scope, apartType))) ?? (await reasonedApart(null))!
}

export interface Reasons {
  surroundings: Surroundings
  /** The reason of all jobs of a group but the next. */
  of: (group: WaitingGroup) => WaitingReason
  /** The job that is the next of its organization, where it is like those of the group, and its reason. */
  nextIn: (group: WaitingGroup) => { id: string; reason: WaitingReason } | null
}

/**
 * The reasons of groups. Null where the next job of each organization has another reason than those behind it, and
 * several organizations are counted as one. This happens only for a moment, while due work meets free slots. The caller
 * then counts each organization by itself.
 */
export async function reasonsOf(
  db: DbOrTx,
  groups: readonly WaitingGroup[],
  missing: MissingHandlers,
  codes: readonly WaitingCode[] | undefined,
): Promise<Reasons | null> {
  const surroundings = await surroundingsOf(db, groups.map(toWaiter), missing)
  const { factsOf, loadOf, poolOf } = surroundings
  const of = reasonsByPlace(surroundings)
  const pooled = (group: WaitingGroup) => ({ ...group, pool: poolOf(group.jobType) })
  const takeTurns = ({ pool, ...group }: ReturnType<typeof pooled>) =>
    group.stage === 'DUE' && of(group).code === 'BEHIND' && !isBusy({ load: loadOf(group.queue, pool) })
  // Who asks for both of these reasons, or for none of them, need not know which job is the next.
  const needsNext = codes === undefined || codes.includes('BEHIND') !== codes.includes('READY')
  const lines = needsNext ? groups.map(pooled).filter(takeTurns) : []
  if (lines.some(({ organizationId }) => organizationId === THE_REST)) return null
  const first = await readFirstInLine(db, lines)
  const nextIn = (group: WaitingGroup) => {
    const next = of(group).code === 'BEHIND' ? first.get(lineOf(pooled(group))) : undefined
    if (next?.jobType !== group.jobType || next.priority !== group.priority) return null
    if (group.version !== 0 && next.version !== group.version) return null
    return { id: next.id, reason: waitingReasons(factsOf(toWaiter(group), { jobs: 0, capped: false }))[0]! }
  }
  return { surroundings, of, nextIn }
}

function withNext(group: WaitingGroup, { of, nextIn }: Reasons): ReasonedGroup[] {
  const others = { ...group, reason: of(group), only: null }
  const next = nextIn(group)
  if (!next) return [others]
  return [
    ...(group.count > 1 ? [{ ...others, count: group.count - 1 }] : []),
    { ...group, count: 1, reason: next.reason, only: next.id },
  ]
}

/** The reason of a group, made once for all priorities. */
function reasonsByPlace({ factsOf }: Surroundings): (group: WaitingGroup) => WaitingReason {
  const known = new Map<string, WaitingReason>()
  return (group) => {
    const { stage, organizationId, jobType, queue, version } = group
    const key = `${stage} ${organizationId} ${jobType} ${queue} ${version}`
    const made = known.get(key) ?? waitingReasons(factsOf(toWaiter(group), UNCOUNTED))[0]!
    known.set(key, made)
    return made
  }
}

/** A status that jobs of each stage can have. Others that they can have give the same reason. */
const STATUS: Record<Stage, JobStatus> = {
  QUEUED: 'QUEUED',
  PARENTS: 'PENDING',
  SCHEDULED: 'PENDING',
  RETRY: 'FAILED',
  DUE: 'PENDING',
}
const toWaiter = (group: WaitingGroup) => ({
  ...group,
  status: STATUS[group.stage],
  // Of jobs for later the first may come while this is read. The others still wait for their time.
  dueAt: group.stage === 'DUE' ? group.firstDue : group.lastDue,
  parents: group.stage === 'PARENTS' ? 1 : 0,
})

/** Says that other jobs rank before these, without their number. */
const UNCOUNTED = { jobs: null, capped: false }

/** The job of an organization, queue and pool that ranks first among those that are due and take their turn. */
export interface FirstInLine {
  id: string
  jobType: string
  priority: JobPriority
  version: number
}
/** Jobs of an organization in one queue and worker pool start one after the other. */
export interface Line {
  organizationId: string
  queue: QueueName
  pool: string
}
export const lineOf = ({ organizationId, queue, pool }: Line) => `${organizationId} ${queue} ${pool}`

/** The job that is the next, for each line in which jobs wait for their turn. */
export async function readFirstInLine(db: DbOrTx, lines: readonly Line[]): Promise<Map<string, FirstInLine>> {
  const asked = [...new Map(lines.map((line) => [lineOf(line), line])).values()]
  if (asked.length === 0) return new Map()
  const kind = { organizationId: sql`l.organization_id`, jobType: sql`t.name` }
  const rows = await db.$queryRaw<(FirstInLine & Line)[]>`
    SELECT l.organization_id AS "organizationId", l.queue, l.pool, head.id, head.job_type AS "jobType", head.priority, head.job_type_version AS version
    FROM unnest(${asked.map(({ organizationId }) => organizationId)}::uuid[], ${asked.map(({ queue }) => queue)}::"JobQueue"[], ${asked.map(({ pool }) => pool)}::text[]) AS l(organization_id, queue, pool)
    CROSS JOIN LATERAL (
      SELECT j.* FROM job_types t CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority) CROSS JOIN LATERAL (
        ${overWaiting(
          (waitingHere) => sql`(SELECT j.id, j.job_type, j.priority, j.job_type_version, j.rank_at FROM jobs j
            WHERE j.queue = l.queue AND j.organization_id = l.organization_id AND j.job_type = t.name AND j.priority = p.priority
              AND ${waitingHere} AND ${hasCome(sql`p.priority`)}
            ORDER BY j.rank_at, j.id LIMIT 1)`,
        )}) j
      WHERE t.pool = l.pool AND ${takesItsTurn(kind)}
      ORDER BY j.rank_at, j.id LIMIT 1) head`
  return new Map(rows.map((row) => [lineOf(row), row]))
}
