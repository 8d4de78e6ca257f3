import { Prisma } from '@/server/db'
import type { Crew } from '../domain/crew'
import type { HoldName } from '../domain/waiting-facts'
import { trialMayStart, trialWithin } from './circuit-breaker'
import { hasHandlerOf, nobodyHasHandler, poolIsEmpty, takesPoolOf } from './crews'

type Sql = Prisma.Sql
const { sql, join } = Prisma

// What holds back all jobs of an organization or of a job type, although they could run otherwise. Three parts of the
// engine ask for it: the dispatcher (lanes.ts), the claim (actions/attempts/claim.ts), because anything may have
// changed since the dispatch, and the reads that say why jobs wait (reads/explain.ts, reads/waiting-groups.ts). All
// three make their statements from the table HOLDS below. To add a hold, add it here, its sentence in
// domain/waiting-reasons.ts, and its case in holds.db.test.ts. The compiler asks for each of them.

/** A dispatcher remembers for so long what a hold keeps back. Then it looks again, even where nobody woke it. */
export const HOLDS_REMEMBERED_SECONDS = 30

/** The organization and job type of the jobs in question, as SQL expressions. */
export interface JobKind {
  organizationId: Sql
  jobType: Sql
}

/** The same, and the workers that are to run them. */
export interface JobKindOfCrew extends JobKind {
  crew: Crew
}

/** One hold. Its conditions are true where it is in force. They read `o`, the organization, and `t`, the job type. */
interface Hold {
  /**
   * True where the dispatcher leaves jobs of this kind alone. It may also read `c`, which `circuitOver` joins and which
   * is NULL where the circuit is closed, and the CTE `unable` of store/crews.ts.
   */
  dispatch: (of: JobKindOfCrew) => Sql
  /** True where the QUEUED job `j` may not start after all and goes back. */
  claim: (of: JobKindOfCrew) => Sql
  /** The history's text for a job that went back. */
  message: string
  /**
   * True where other job types of the organization may pass jobs of this type, even those that rank earlier. Null for a
   * hold on a whole organization. It reads `t` alone.
   */
  othersPass: ((of: JobKind) => Sql) | null
}

/** All holds. Where several are in force, the claim names the first in this order. */
export const HOLDS: Record<HoldName, Hold> = {
  suspended: {
    // Jobs of a deleted organization are not dispatched either. They end by themselves.
    dispatch: () => sql`o.status <> 'ACTIVE'`,
    claim: () => sql`o.status <> 'ACTIVE'`,
    message: 'Not started: the organization is suspended',
    othersPass: null,
  },
  disabled: {
    dispatch: () => sql`NOT t.enabled`,
    claim: () => sql`NOT t.enabled`,
    message: 'Not started: the job type is disabled',
    othersPass: () => sql`NOT t.enabled`,
  },
  paused: {
    dispatch: (of) => isPaused(of),
    claim: (of) => isPaused(of),
    message: 'Not started: paused',
    othersPass: (of) => sql`EXISTS (SELECT 1 FROM pauses p WHERE ${pauseOfType(of)})`,
  },
  circuit: {
    // One job may try when the cool-down is over. The dispatcher lets it go, and the claim recognizes it by its id.
    dispatch: () => sql`c.state IS NOT NULL AND NOT ${trialMayStart}`,
    claim: (of) =>
      sql`EXISTS (SELECT 1 FROM circuits c WHERE ${circuitOver(of)} AND c.trial_job_id IS DISTINCT FROM j.id)`,
    message: 'Not started: the circuit is open',
    othersPass: (of) => sql`EXISTS (SELECT 1 FROM circuits c WHERE ${circuitOver(of)})`,
  },
  pool: {
    // Each crew of workers dispatches for itself, so a pool that nobody takes is held back from all of them.
    dispatch: ({ crew }) => sql`NOT ${takesPoolOf(crew)}`,
    claim: ({ crew }) => sql`NOT ${takesPoolOf(crew)}`,
    message: 'Not started: its job type is in another worker pool now',
    othersPass: () => poolIsEmpty,
  },
  handler: {
    // A type of which some versions can be run is not held as a whole: the dispatcher then looks at each job
    // (lanes.ts).
    dispatch: ({ jobType }) => sql`${jobType} IN (SELECT u.job_type FROM unable u WHERE u.never)`,
    claim: ({ crew }) => sql`NOT ${hasHandlerOf(crew)}`,
    message: 'Not started: this worker does not have its handler',
    othersPass: () => nobodyHasHandler,
  },
}

const holdEntries = Object.entries(HOLDS) as [HoldName, Hold][]

/** Condition: no hold keeps the dispatcher from jobs of this kind. It reads `o`, `t`, `c` and `unable`. */
export const mayBeDispatched = (of: JobKindOfCrew): Sql =>
  noneHolds(holdEntries.map(([, { dispatch }]) => dispatch(of)))

/**
 * Condition over the circuit `c` of a kind that is held: the hold may end by the passing of time. All other holds end
 * by a statement that wakes the dispatchers.
 */
export const mayEndUnannounced = sql`(c.state IS NOT NULL AND ${trialWithin(HOLDS_REMEMBERED_SECONDS)})`

/**
 * Branches of a CASE. They give the name of the first hold that keeps the QUEUED job `j` from starting. They read `o`
 * and `t`.
 */
export const whatHoldsBack = (of: JobKindOfCrew): Sql =>
  join(
    holdEntries.map(([name, { claim }]) => sql`WHEN ${claim(of)} THEN ${Prisma.raw(`'${name}'`)}`),
    ' ',
  )

/**
 * Condition: jobs of this kind take their turn by rank, so other job types of the organization wait behind them. It
 * reads `t`.
 */
export const takesItsTurn = (of: JobKind): Sql =>
  noneHolds(holdEntries.flatMap(([, { othersPass }]) => othersPass?.(of) ?? []))

const noneHolds = (conditions: readonly Sql[]): Sql =>
  join(
    conditions.map((condition) => sql`NOT (${condition})`),
    ' AND ',
  )

/** Condition for the pauses `p` that hold jobs of this kind. */
export const pauseOver = (of: JobKind): Sql =>
  sql`${pauseOfPlatform} OR (${pauseOfType(of)}) OR (${pauseOfOrganization(of)})`

/**
 * Condition: a pause holds jobs of this kind. Each of the three is looked up by its key. With one OR, PostgreSQL would
 * need a bitmap, which the hot path does without (server/db.ts), and without OFFSET 0 it would read all pauses first.
 */
const isPaused = (of: JobKind): Sql =>
  sql`(${join(
    [pauseOfPlatform, pauseOfType(of), pauseOfOrganization(of)].map(
      (over) => sql`EXISTS (SELECT 1 FROM pauses p WHERE ${over} OFFSET 0)`,
    ),
    ' OR ',
  )})`

const pauseOfPlatform = sql`p.scope = 'PLATFORM'`

const pauseOfOrganization = ({ organizationId }: JobKind): Sql =>
  sql`p.scope = 'ORGANIZATION' AND p.target = ${organizationId}::text`

const pauseOfType = ({ jobType }: JobKind): Sql => sql`p.scope = 'JOB_TYPE' AND p.target = ${jobType}`

/** Condition for the circuit `c` of this kind, where it is not closed. */
export const circuitOver = ({ organizationId, jobType }: JobKind): Sql =>
  sql`c.job_type = ${jobType} AND c.organization_id = ${organizationId} AND c.state <> 'CLOSED'`
