import { Prisma } from '@/server/db'
import { WAITING_STATUSES } from '../../domain/state'
import type { JobStatus, QueueName } from '../../domain/types'
import { WAITING_CODES, type WaitingCode } from '../../domain/waiting-codes'
import { hasCome, isAhead, overWaiting } from '../due'
import { countedUnder, isMeantBy, THE_REST, type Apart } from './waiting-apart'

type Sql = Prisma.Sql
const { sql } = Prisma

/**
 * How far a waiting job has come. QUEUED: it is in BullMQ. PARENTS: it waits for other jobs. SCHEDULED and RETRY: its
 * time has not come. DUE: it waits for its turn.
 */
export type Stage = 'QUEUED' | 'PARENTS' | 'SCHEDULED' | 'RETRY' | 'DUE'

const ALL_STAGES: readonly Stage[] = ['QUEUED', 'PARENTS', 'SCHEDULED', 'RETRY', 'DUE']
/** Reasons that only jobs of some stages can have first. The others may hold back any job. */
const STAGES_OF: Partial<Record<WaitingCode, readonly Stage[]>> = {
  WAITING_FOR_PARENTS: ['PARENTS'],
  SCHEDULED: ['SCHEDULED'],
  RETRY_BACKOFF: ['RETRY'],
  CIRCUIT_OPEN: ['DUE'],
  CONCURRENCY_LIMIT: ['DUE'],
  SLOTS_KEPT: ['DUE', 'QUEUED'],
  HANDLER_MISSING: ['DUE', 'QUEUED'],
  NO_WORKER: ['DUE', 'QUEUED'],
  BEHIND: ['DUE'],
  QUEUED: ['QUEUED'],
  READY: ['DUE'],
}

/** The stages of jobs that can wait for one of these reasons. */
export const stagesOf = (codes: readonly WaitingCode[] = WAITING_CODES): ReadonlySet<Stage> =>
  new Set(codes.flatMap((code) => STAGES_OF[code] ?? ALL_STAGES))

const STATUSES_OF: Record<Stage, readonly JobStatus[]> = {
  QUEUED: ['QUEUED'],
  PARENTS: ['PENDING'],
  SCHEDULED: ['PENDING'],
  RETRY: ['FAILED', 'TIMED_OUT'],
  DUE: ['PENDING', 'FAILED', 'TIMED_OUT'],
}

/** The statuses that jobs in these places can have. */
export const statusesIn = ({ places, also }: WaitingPlaces): readonly JobStatus[] =>
  also.length > 0 ? WAITING_STATUSES : [...new Set(places.flatMap(({ stage }) => STATUSES_OF[stage]))]

/** The stage of the waiting job `j`. */
export const stage: Sql = sql`CASE WHEN j.status = 'QUEUED' THEN 'QUEUED' WHEN j.pending_parents > 0 THEN 'PARENTS'
  WHEN ${isAhead(sql`j.priority`)} THEN CASE WHEN j.status = 'PENDING' THEN 'SCHEDULED' ELSE 'RETRY' END ELSE 'DUE' END`

/** The version of the job `j` where it decides something, and 0 elsewhere. */
export const versionOf = (versioned: readonly string[]): Sql =>
  sql`CASE WHEN j.job_type = ANY(${[...versioned]}::text[]) THEN j.job_type_version ELSE 0 END`

/** Where jobs stand that wait for one of the reasons that a filter asks for. */
export interface WaitingPlaces {
  places: readonly { stage: Stage; organizationId: string; jobType: string; queue: QueueName; version: number }[]
  /** Which organizations stand for themselves. The places of all others are those of `THE_REST`. */
  apart: Apart | null
  /** Job types of which the version of a job matters. */
  versioned: readonly string[]
  /** Jobs that stand there but wait for another reason, and jobs that stand elsewhere and wait for this one. */
  except: readonly string[]
  also: readonly string[]
  /** So few jobs stand there that collecting them all is quicker than walking over the others. */
  few: boolean
}

/** Condition: the waiting job `j` stands in one of these places. */
export function standsIn({ places, apart, versioned, except, also }: WaitingPlaces): Sql {
  const version = versionOf(versioned)
  return sql`(((${stage}, ${countedUnder(apart, sql`j.organization_id`, sql`j.job_type`)}, j.job_type, j.queue, ${version}) IN (SELECT * FROM ${asTable(places)})
    AND j.id <> ALL(${[...except]}::uuid[])) OR j.id = ANY(${[...also]}::uuid[]))`
}

/** Reads the ids of jobs in these places, for which `where` holds too, from the parts of the indexes where they are. */
export function idsIn(given: WaitingPlaces, where: Sql): Sql {
  const { places, apart, also } = given
  const here = sql`${standsIn(given)} AND ${where}`
  // A place of `THE_REST` is that of many organizations. Only for such a place all organizations are gone through.
  const organizations = places.some(({ organizationId }) => organizationId === THE_REST)
    ? sql`organizations o`
    : sql`unnest(${[...new Set(places.map(({ organizationId }) => organizationId))]}::uuid[]) AS o(id)`
  const lanes = (of: readonly Stage[]) =>
    sql`(SELECT DISTINCT o.id AS organization_id, w.job_type, w.queue, p.priority
      FROM ${asTable(places.filter(({ stage }) => of.includes(stage)))} JOIN ${organizations} ON ${isMeantBy(apart, sql`w.organization_id`, sql`o.id`)}
      CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)) l`
  const inLanes = (of: readonly Stage[], when: Sql) =>
    sql`SELECT j.id FROM ${lanes(of)} CROSS JOIN LATERAL (${overWaiting(
      (
        waitingHere,
      ) => sql`SELECT j.id FROM jobs j WHERE j.queue = l.queue AND j.organization_id = l.organization_id AND j.job_type = l.job_type
      AND j.priority = l.priority AND ${waitingHere} AND ${when} AND ${here}`,
    )}) j`
  return sql`
    ${inLanes(['DUE'], hasCome(sql`l.priority`))}
    UNION ${inLanes(['SCHEDULED', 'RETRY'], isAhead(sql`l.priority`))}
    UNION SELECT j.id FROM jobs j WHERE j.organization_id IN (SELECT o.id FROM ${organizations})
      AND (j.status = 'QUEUED' OR (j.status = 'PENDING' AND j.pending_parents > 0)) AND ${here}
    UNION SELECT j.id FROM jobs j WHERE j.id = ANY(${[...also]}::uuid[]) AND ${here}`
}

const asTable = (places: WaitingPlaces['places']): Sql => {
  const column = <Name extends keyof (typeof places)[number]>(name: Name) => places.map((place) => place[name])
  return sql`unnest(${column('stage')}::text[], ${column('organizationId')}::uuid[], ${column('jobType')}::text[], ${column('queue')}::"JobQueue"[], ${column('version')}::int[])
    AS w(stage, organization_id, job_type, queue, version)`
}
