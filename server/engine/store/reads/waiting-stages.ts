import { Prisma } from '@/server/db'
import type { QueueName } from '../../domain/types'
import { hasCome, isAhead, overWaiting } from '../due'

type Sql = Prisma.Sql
const { sql } = Prisma

/**
 * How far a waiting job has come. QUEUED: it is in BullMQ. PARENTS: it waits for other jobs. SCHEDULED and RETRY: its
 * time has not come. DUE: it waits for its turn.
 */
export type Stage = 'QUEUED' | 'PARENTS' | 'SCHEDULED' | 'RETRY' | 'DUE'

/** The stage of the waiting job `j`. */
const stage: Sql = sql`CASE WHEN j.status = 'QUEUED' THEN 'QUEUED' WHEN j.pending_parents > 0 THEN 'PARENTS'
  WHEN ${isAhead(sql`j.priority`)} THEN CASE WHEN j.status = 'PENDING' THEN 'SCHEDULED' ELSE 'RETRY' END ELSE 'DUE' END`

/** The version of the job `j` where it decides something, and 0 elsewhere. */
export const versionOf = (versioned: readonly string[]): Sql =>
  sql`CASE WHEN j.job_type = ANY(${[...versioned]}::text[]) THEN j.job_type_version ELSE 0 END`

/** Where jobs stand that wait for one of the reasons that a filter asks for. */
export interface WaitingPlaces {
  places: readonly { stage: Stage; organizationId: string; jobType: string; queue: QueueName; version: number }[]
  /** Job types of which the version of a job matters. */
  versioned: readonly string[]
  /** Jobs that stand there but wait for another reason, and jobs that stand elsewhere and wait for this one. */
  except: readonly string[]
  also: readonly string[]
  /** So few jobs stand there that collecting them all is quicker than walking over the others. */
  few: boolean
}

/** Condition: the waiting job `j` stands in one of these places. */
export function standsIn({ places, versioned, except, also }: WaitingPlaces): Sql {
  const version = versionOf(versioned)
  return sql`(((${stage}, j.organization_id, j.job_type, j.queue, ${version}) IN (SELECT * FROM ${asTable(places)})
    AND j.id <> ALL(${[...except]}::uuid[])) OR j.id = ANY(${[...also]}::uuid[]))`
}

/** Reads the ids of jobs in these places, for which `where` holds too, from the parts of the indexes where they are. */
export function idsIn(given: WaitingPlaces, where: Sql): Sql {
  const { places, also } = given
  const here = sql`${standsIn(given)} AND ${where}`
  const lanes = (of: readonly Stage[]) =>
    sql`(SELECT DISTINCT w.organization_id, w.job_type, w.queue, p.priority
      FROM ${asTable(places.filter(({ stage }) => of.includes(stage)))} CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)) l`
  const organizations = [...new Set(places.map(({ organizationId }) => organizationId))]
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
    UNION SELECT j.id FROM jobs j WHERE j.organization_id = ANY(${organizations}::uuid[])
      AND (j.status = 'QUEUED' OR (j.status = 'PENDING' AND j.pending_parents > 0)) AND ${here}
    UNION SELECT j.id FROM jobs j WHERE j.id = ANY(${[...also]}::uuid[]) AND ${here}`
}

const asTable = (places: WaitingPlaces['places']): Sql => {
  const column = <Name extends keyof (typeof places)[number]>(name: Name) => places.map((place) => place[name])
  return sql`unnest(${column('stage')}::text[], ${column('organizationId')}::uuid[], ${column('jobType')}::text[], ${column('queue')}::"JobQueue"[], ${column('version')}::int[])
    AS w(stage, organization_id, job_type, queue, version)`
}
