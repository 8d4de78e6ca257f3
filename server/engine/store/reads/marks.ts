import { Prisma, type DbOrTx } from '@/server/db'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { LIMIT_FIELDS, MARKS, type MarkedAct, type MarkKind } from '../../domain/marks'
import type { Actor, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { toActor, type ActorColumns } from './actor'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'
import { hasJobsOf } from './used-types'

// Reads the acts that explain a bend in a chart, such as a pause.

const { sql } = Prisma

/** An act of a person or of Jobyard that explains a bend in a chart. */
export interface MarkView {
  /** The id of its entry in the audit. */
  id: string
  at: Date
  kind: MarkKind
  /** What happened, in a few words. */
  text: string
  by: Actor
  /** Null where it is about the platform or a job type. */
  organizationId: string | null
}

type Row = MarkedAct & ActorColumns & { id: string; at: Date; organizationId: string | null }

/**
 * The marks of a scope within a time, newest first: pauses, circuits and limits of its organizations and of the job
 * types of which it has jobs, and what concerns the whole platform.
 */
export async function listMarks(
  db: DbOrTx,
  { from, to, cursor, limit }: { from: Date; to: Date; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<MarkView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<Row[]>`
    SELECT e.id, e.at, e.action, e.target_type AS "targetType", e.target_id AS "targetId", e.organization_id AS "organizationId",
      o.name AS organization, e.after, e.actor_type AS "actorType", e.actor_id AS "actorId", e.actor_name AS "actorName"
    FROM unnest(${Object.keys(MARKS)}::text[]) AS a(action)
    CROSS JOIN LATERAL (
      SELECT * FROM audit_events e
      WHERE e.action = a.action AND e.at >= ${from} AND e.at < ${to}
        -- The id begins with the time, so the index is read within the time alone.
        AND e.id >= ${idAt(from.getTime() - CLOCK_SKEW_MS)}::uuid AND e.id < ${idAt(to.getTime() + CLOCK_SKEW_MS)}::uuid
        AND ${before ? sql`e.id < ${before}::uuid` : sql`TRUE`}
        AND (e.organization_id IS NULL OR ${inScope(sql`e.organization_id`, scope)})
        AND (e.target_type <> 'jobType' OR ${hasJobsOf(sql`e.target_id`, scope)})
        -- What is paused is paused again only to give it another reason, which bends no chart.
        AND (e.action <> 'control.pause' OR e.before::jsonb->>'paused' IS DISTINCT FROM 'true')
        AND (e.action NOT IN ('jobType.update', 'organization.update') OR e.after::jsonb ?| ${LIMIT_FIELDS}::text[])
      ORDER BY e.id DESC LIMIT ${limit + 1}) e
    LEFT JOIN organizations o ON o.id = e.organization_id
    ORDER BY e.id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => ({
      id: row.id,
      at: row.at,
      kind: MARKS[row.action]!.kind,
      text: MARKS[row.action]!.words(row),
      by: toActor(row),
      organizationId: row.organizationId,
    }),
  )
}
