import type { DbOrTx } from '@/server/db'
import { EngineError } from '../domain/errors'
import { MAX_BULK } from '../domain/limits'
import type { Actor, JobFilter, Json } from '../domain/types'
import { writeAudit } from '../store/audit'
import { matchingIds } from '../store/filter'
import { inTransaction } from '../store/transaction'
import { cancelJobs } from './cancel'

/** Jobs whose row locks one transaction holds: a worker's outcome waits for no more than these. */
const CHUNK = 500

/** Named jobs, or all of the organization that match. */
export type Selection = { jobIds: readonly string[] } | { filter: Omit<JobFilter, 'organizationId'> }

export interface BulkResult {
  /** Jobs that were asked for and are there. */
  matched: number
  changed: number
  skipped: { jobId: string; reason: 'NOT_FOUND' | 'NOT_PERMITTED' | 'ILLEGAL_TRANSITION' }[]
}

/**
 * Cancels many jobs of one organization. Which ones is decided once, at the beginning: what comes to
 * match afterwards is not touched, and what has ended meanwhile is skipped. In transactions of 500
 * jobs, each with its AuditEvent, or all in the caller's.
 *
 * @param onlyOf where the caller may cancel its own jobs only: itself.
 * @throws EngineError INVALID_INPUT when more than 10,000 jobs match.
 */
export async function cancelMany(
  db: DbOrTx,
  { organizationId, selection, onlyOf, actor, address, reason }: {
    organizationId: string
    selection: Selection
    onlyOf?: Pick<Actor, 'type' | 'id'>
    actor: Actor
    address: string | null
    reason?: string
  },
): Promise<BulkResult> {
  const asked = 'jobIds' in selection ? [...new Set(selection.jobIds)] : await resolve(db, organizationId, selection.filter)
  const found = await ownersOf(db, organizationId, asked)
  const skipped: BulkResult['skipped'] = []
  const chosen: string[] = []
  for (const jobId of asked) {
    const owner = found.get(jobId)
    if (!owner) skipped.push({ jobId, reason: 'NOT_FOUND' })
    else if (onlyOf && (owner.type !== onlyOf.type || owner.id !== onlyOf.id)) skipped.push({ jobId, reason: 'NOT_PERMITTED' })
    else chosen.push(jobId)
  }

  let changed = 0
  // Newest first: canceling a parent in an earlier part would send its children to DEAD_LETTER before their turn.
  chosen.sort().reverse()
  for (let at = 0; at < chosen.length; at += CHUNK) {
    const jobIds = chosen.slice(at, at + CHUNK)
    const part = await inTransaction(db, async (tx) => {
      const result = await cancelJobs(tx, { jobIds, actor, reason })
      if (result.changed.length === 0) return result
      await writeAudit(tx, {
        organizationId, actor, address, reason,
        action: 'job.cancelMany',
        targetType: 'organization',
        targetId: organizationId,
        after: {
          ...('filter' in selection && { filter: JSON.parse(JSON.stringify(selection.filter)) as Json }),
          matched: found.size,
          part: at / CHUNK + 1,
          parts: Math.ceil(chosen.length / CHUNK),
          canceled: result.changed,
        },
      })
      return result
    })
    changed += part.changed.length
    skipped.push(...part.skipped)
  }
  return { matched: found.size, changed, skipped }
}

async function resolve(db: DbOrTx, organizationId: string, filter: JobFilter): Promise<string[]> {
  const query = matchingIds({ ...filter, organizationId }, { organizationIds: [organizationId] }, MAX_BULK + 1)
  const rows = query ? await db.$queryRaw<{ id: string }[]>(query) : []
  if (rows.length > MAX_BULK) {
    throw new EngineError(
      'INVALID_INPUT',
      `More than ${MAX_BULK.toLocaleString('en')} jobs match. Make the filter narrower, for instance by status or time, and repeat.`,
      { fields: [{ path: 'filter', message: `must match at most ${MAX_BULK.toLocaleString('en')} jobs` }] },
    )
  }
  return rows.map(({ id }) => id)
}

async function ownersOf(db: DbOrTx, organizationId: string, jobIds: readonly string[]): Promise<Map<string, Pick<Actor, 'type' | 'id'>>> {
  const rows = await db.$queryRaw<{ jobId: string; type: string; id: string | null }[]>`
    SELECT j.id AS "jobId", j.submitted_by_type AS type, j.submitted_by_id AS id FROM jobs j
    WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND j.organization_id = ${organizationId}::uuid`
  return new Map(rows.map(({ jobId, type, id }) => [jobId, { type: type.toLowerCase() as Actor['type'], id }]))
}
