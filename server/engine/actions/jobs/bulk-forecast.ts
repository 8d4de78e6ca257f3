import type { DbOrTx, Prisma } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { warningsOf, type BulkForecast } from '../../domain/forecast'
import { MAX_FORECAST } from '../../domain/limits'
import type { SkipReason } from '../../domain/bulk'
import type { Actor } from '../../domain/types'
import { forecastFacts } from '../../store/reads/forecast'
import type { BulkRequest } from './bulk'
import { idsOf, notThere } from './bulk-selection'

// Tells what a bulk action would do, without doing it.

/** A bulk action that is only asked about. */
export type ForecastRequest = Pick<BulkRequest, 'kind' | 'organizationId' | 'selection'> & {
  /** Where the requester may touch its own jobs only: itself. */
  onlyOf?: Pick<Actor, 'type' | 'id'>
}

/**
 * Tells what `startBulk` would do with these jobs at this moment, and what a person should know before. It looks at
 * the first 100,000 that are found, locks nothing and writes nothing.
 *
 * @throws EngineError NOT_FOUND where there is no such organization.
 */
export async function forecastBulk(
  db: DbOrTx,
  { kind, organizationId, selection, onlyOf }: ForecastRequest,
): Promise<BulkForecast> {
  const organization = await db.organization.findUnique({ where: { id: organizationId }, select: { status: true } })
  if (!organization || organization.status === 'DELETED')
    throw new EngineError('NOT_FOUND', `There is no organization ${organizationId} that you may see.`)
  const idsUpTo = await idsOf(db, { organizationId, selection })
  const ids = idsUpTo(MAX_FORECAST)
  const { matched, ...facts } = await forecastFacts(db, { kind, organizationId, ids, onlyOf })
  const capped = matched === MAX_FORECAST && (await moreThanForecast(db, idsUpTo(MAX_FORECAST + 1)))
  if (kind === 'RETRY' && organization.status === 'SUSPENDED') {
    facts.skipped = { ORGANIZATION_SUSPENDED: matched }
    facts.would = 0
    // Nothing comes back, so no warning about what will hold the jobs is needed.
    facts.types = []
  }
  const missing = (await notThere(db, { organizationId, selection })).length
  const skipped = { ...facts.skipped, ...(missing > 0 && { NOT_FOUND: missing }) }
  return {
    matched,
    capped,
    would: facts.would,
    skipped: Object.entries(skipped).map(([reason, count]) => ({ reason: reason as SkipReason, count })),
    warnings: warningsOf(facts),
  }
}

async function moreThanForecast(db: DbOrTx, ids: Prisma.Sql): Promise<boolean> {
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM (${ids}) found`
  return row!.count > MAX_FORECAST
}
