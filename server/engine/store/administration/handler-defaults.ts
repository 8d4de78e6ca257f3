import type { DbOrTx } from '@/server/db'
import { differencesFrom, type Difference } from '../../domain/handler-defaults'
import type { JobTypeConfig } from '../../domain/job-type-config'

type Defaults = Partial<JobTypeConfig>

/** The defaults of the handlers that make these job types. A job type has the name of the handler that makes it. */
export async function defaultsOf(db: DbOrTx, names: readonly string[]): Promise<Map<string, Defaults>> {
  const rows = await db.$queryRaw<{ key: string; defaults: Defaults }[]>`
    SELECT key, defaults FROM handlers WHERE key = ANY(${[...names]}::text[]) AND defaults IS NOT NULL`
  return new Map(rows.map(({ key, defaults }) => [key, defaults]))
}

/** Adds to each job type what differs from the file of its handler. Where nothing does, nothing is added. */
export async function withDifferences<T extends JobTypeConfig>(
  db: DbOrTx,
  types: readonly T[],
): Promise<(T & { differs?: Difference[] })[]> {
  const defaults = await defaultsOf(
    db,
    types.map(({ name }) => name),
  )
  return types.map((type) => {
    const own = defaults.get(type.name)
    const differs = own ? differencesFrom(own, type) : []
    return differs.length > 0 ? { ...type, differs } : type
  })
}

/** The same as defaultsOf, with the rows locked in the order of their keys against others that write them. */
export async function lockDefaults(db: DbOrTx, names: readonly string[]): Promise<Map<string, Defaults>> {
  await db.$queryRaw`SELECT 1 AS locked FROM handlers WHERE key = ANY(${[...names]}::text[]) ORDER BY key FOR NO KEY UPDATE`
  return defaultsOf(db, names)
}

/** Keeps the defaults of these handlers, whose rows exist. */
export async function keepDefaults(
  db: DbOrTx,
  given: readonly { key: string; defaults: JobTypeConfig | null }[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE handlers h SET defaults = CASE WHEN json_typeof(one->'defaults') = 'object' THEN one->'defaults' END
    FROM json_array_elements(${JSON.stringify(given)}::json) AS one
    WHERE h.key = one->>'key' AND h.defaults::text IS DISTINCT FROM (one->'defaults')::text`
}
