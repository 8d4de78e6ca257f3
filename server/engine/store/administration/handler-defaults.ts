import type { DbOrTx, Tx } from '@/server/db'
import { differencesFrom, type Difference } from '../../domain/handler-defaults'
import type { JobTypeConfig } from '../../domain/job-type-config'

type Defaults = Partial<JobTypeConfig>

/**
 * The defaults that handlers' files give, by the handler's key, for those of these names that have some. A job type that
 * a handler made has the handler's key as its name.
 */
export async function defaultsOf(db: DbOrTx, names: readonly string[]): Promise<Map<string, Defaults>> {
  const rows = await db.$queryRaw<{ key: string; defaults: Defaults }[]>`
    SELECT key, defaults FROM handlers WHERE key = ANY(${[...names]}::text[]) AND defaults IS NOT NULL`
  return new Map(rows.map(({ key, defaults }) => [key, defaults]))
}

/**
 * Adds `differs` to each job type: the list of its settings that are not as its handler's file says. Job types without
 * such settings are returned as they are.
 */
export async function withDifferences<T extends JobTypeConfig>(
  db: DbOrTx,
  types: readonly T[],
): Promise<(T & { differs?: Difference[] })[]> {
  const defaults = await defaultsOf(
    db,
    types.map(({ name }) => name),
  )
  return types.map((type) => {
    const fromFile = defaults.get(type.name)
    const differs = fromFile ? differencesFrom(fromFile, type) : []
    return differs.length > 0 ? { ...type, differs } : type
  })
}

/**
 * Like `defaultsOf`, but first locks the rows, so that no other worker changes them until the transaction ends. They are
 * locked in the order of their keys, so that two workers never wait for each other. The second statement reads what
 * others committed while this one waited for the locks.
 */
export async function lockDefaults(tx: Tx, names: readonly string[]): Promise<Map<string, Defaults>> {
  await tx.$queryRaw`SELECT 1 AS locked FROM handlers WHERE key = ANY(${[...names]}::text[]) ORDER BY key FOR NO KEY UPDATE`
  return defaultsOf(tx, names)
}

/** Stores what the handlers' files say now. The handlers' rows must exist already. */
export async function storeDefaults(
  db: DbOrTx,
  given: readonly { key: string; defaults: JobTypeConfig | null }[],
): Promise<void> {
  // `null` in JSON becomes NULL in SQL, also for the comparison. So a handler without defaults keeps its row untouched.
  await db.$executeRaw`
    UPDATE handlers h SET defaults = entry.defaults
    FROM (
      SELECT one->>'key' AS key, NULLIF((one->'defaults')::text, 'null')::json AS defaults
      FROM json_array_elements(${JSON.stringify(given)}::json) AS one
    ) entry
    WHERE h.key = entry.key AND h.defaults::text IS DISTINCT FROM entry.defaults::text`
}
