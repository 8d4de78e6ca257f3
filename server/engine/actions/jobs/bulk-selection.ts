import { Prisma, type DbOrTx } from '@/server/db'
import type { Selection, Skipped } from '../../domain/bulk'
import { EngineError } from '../../domain/errors'
import { MAX_BULK } from '../../domain/limits'
import type { Json } from '../../domain/types'
import { matchingIds } from '../../store/reads/filter'
import { resolveFilter } from '../../store/reads/waiting-filter'

interface Asked {
  organizationId: string
  selection: Selection
}

/** Makes queries for the ids of the jobs that are meant and exist, at most `limit` of them. */
export async function idsOf(db: DbOrTx, { organizationId, selection }: Asked): Promise<(limit: number) => Prisma.Sql> {
  if ('jobIds' in selection) {
    return (limit) => Prisma.sql`
      SELECT j.id FROM jobs j WHERE j.id = ANY(${[...selection.jobIds]}::uuid[]) AND j.organization_id = ${organizationId}::uuid LIMIT ${limit}`
  }
  if ('requestId' in selection) {
    return (limit) => Prisma.sql`
      SELECT j.id FROM request_items i JOIN jobs j ON j.id = i.job_id
      WHERE i.request_id = ${selection.requestId}::uuid AND j.organization_id = ${organizationId}::uuid LIMIT ${limit}`
  }
  const scope = { organizationIds: [organizationId] }
  const filter = await resolveFilter(db, { ...selection.filter, organizationId }, scope)
  // For a filter that no job can match there is no query.
  return (limit) =>
    matchingIds(filter, scope, { limit, ordered: false }) ?? Prisma.sql`SELECT NULL::uuid AS id WHERE FALSE`
}

/** The named jobs that do not exist in this organization. */
export async function notThere(db: DbOrTx, { organizationId, selection }: Asked): Promise<Skipped[]> {
  if (!('jobIds' in selection)) return []
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT asked.id FROM unnest(${[...new Set(selection.jobIds)]}::uuid[]) WITH ORDINALITY AS asked(id, place)
    WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = asked.id AND j.organization_id = ${organizationId}::uuid) ORDER BY place`
  return rows.map(({ id }) => ({ jobId: id, reason: 'NOT_FOUND' }))
}

/** The filter of a selection as it is kept. Null where jobs are named, or are those of a request. */
export const filterOf = (selection: Selection): Json =>
  'filter' in selection ? (JSON.parse(JSON.stringify(selection.filter)) as Json) : null

/** @throws EngineError INVALID_INPUT where more jobs match than one decision may be about */
export function refuseTooMany(count: number, most = MAX_BULK): void {
  if (count <= most) return
  const shown = most.toLocaleString('en')
  throw new EngineError(
    'INVALID_INPUT',
    `More than ${shown} jobs match. Make the filter narrower, for instance by status or time, and repeat.`,
    { fields: [{ path: 'filter', message: `must match at most ${shown} jobs` }] },
  )
}
