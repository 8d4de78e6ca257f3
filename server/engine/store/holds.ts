import { Prisma } from '@/server/db'
import type { HoldName } from '../domain/waiting-reasons'
import { trialMayStart } from './circuit-breaker'

type Sql = Prisma.Sql
const { sql, join } = Prisma

// What holds back all jobs of an organization, or of a job type, that could otherwise go. Three statements ask:
// the dispatcher (lanes.ts), the claim (actions/attempts/claim.ts), because anything may have changed since the
// dispatch, and explain (reads/explain.ts). All three are made from the table HOLDS below. To add a hold, add it
// here, its sentence in domain/waiting-reasons.ts, and its case in holds.db.test.ts: the compiler asks for each.

/** Whose jobs are asked about, as SQL expressions. */
export interface JobKind {
  organizationId: Sql
  jobType: Sql
}

/** Conditions are true where the hold is on; they read `o`, the organization, and `t`, the job type. */
interface Hold {
  /** The dispatcher leaves the jobs of this kind. May also read `c`, as `circuitOver` joins it; NULLs where it is closed. */
  dispatch: (of: JobKind) => Sql
  /** The QUEUED job `j` may not start after all, and goes back. */
  claim: (of: JobKind) => Sql
  /** What the history says of a job that went back. */
  message: string
  /**
   * Other job types of the organization pass by meanwhile: a job of this type that ranks earlier is not in their way.
   * Null for what holds back a whole organization. Reads `t` alone.
   */
  othersPass: ((of: JobKind) => Sql) | null
}

/** The claim names the first that is on, in this order. */
export const HOLDS: Record<HoldName, Hold> = {
  suspended: {
    // An organization that is deleted has nothing dispatched either; its jobs end by themselves.
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
    dispatch: (of) => sql`EXISTS (SELECT 1 FROM pauses p WHERE ${pauseOver(of)})`,
    claim: (of) => sql`EXISTS (SELECT 1 FROM pauses p WHERE ${pauseOver(of)})`,
    message: 'Not started: paused',
    othersPass: (of) => sql`EXISTS (SELECT 1 FROM pauses p WHERE ${pauseOfType(of)})`,
  },
  circuit: {
    // One job may try once the cool-down is over: the dispatcher lets it go, and the claim knows it by its id.
    dispatch: () => sql`c.state IS NOT NULL AND NOT ${trialMayStart}`,
    claim: (of) =>
      sql`EXISTS (SELECT 1 FROM circuits c WHERE ${circuitOver(of)} AND c.trial_job_id IS DISTINCT FROM j.id)`,
    message: 'Not started: the circuit is open',
    othersPass: (of) => sql`EXISTS (SELECT 1 FROM circuits c WHERE ${circuitOver(of)})`,
  },
}

const all = Object.entries(HOLDS) as [HoldName, Hold][]

/** Nothing keeps the dispatcher from jobs of this kind. Reads `o`, `t` and `c`. */
export const mayBeDispatched = (of: JobKind): Sql => none(all.map(([, { dispatch }]) => dispatch(of)))

/** Branches of a CASE that yield the name of the first hold that keeps the QUEUED job `j` from starting. Reads `o` and `t`. */
export const whatHoldsBack = (of: JobKind): Sql =>
  join(
    all.map(([name, { claim }]) => sql`WHEN ${claim(of)} THEN ${Prisma.raw(`'${name}'`)}`),
    ' ',
  )

/** Jobs of this kind go before other job types of their organization, as their rank says. Reads `t`. */
export const takesItsTurn = (of: JobKind): Sql => none(all.flatMap(([, { othersPass }]) => othersPass?.(of) ?? []))

const none = (conditions: readonly Sql[]): Sql =>
  join(
    conditions.map((condition) => sql`NOT (${condition})`),
    ' AND ',
  )

/** Pauses `p` that hold jobs of this kind. */
export const pauseOver = (of: JobKind): Sql => sql`p.scope = 'PLATFORM' OR (${pauseOfType(of)})
  OR (p.scope = 'ORGANIZATION' AND p.target = ${of.organizationId}::text)`

const pauseOfType = ({ jobType }: JobKind): Sql => sql`p.scope = 'JOB_TYPE' AND p.target = ${jobType}`

/** The circuit `c` of this kind, where it is not closed. */
export const circuitOver = ({ organizationId, jobType }: JobKind): Sql =>
  sql`c.job_type = ${jobType} AND c.organization_id = ${organizationId} AND c.state <> 'CLOSED'`
