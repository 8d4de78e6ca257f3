import type { DbOrTx } from '@/server/db'
import {
  differencesFrom,
  knownAfter,
  type Defaults,
  type Difference,
  type KeptDefaults,
} from '../../domain/handler-defaults'
import type { JobTypeConfig } from '../../domain/job-type-config'
import { takesWork } from '../live-workers'

/**
 * The defaults that handlers' files give, by the name of the job type. A job type that a handler made has the handler's
 * key as its name. A name without defaults is left out.
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
 * A starting worker names its handlers first. Within so many seconds it is among the live workers, with its defaults.
 */
const STARTING_SECONDS = 15

/** What the database has of the defaults of these handlers, by the handler's key. */
export async function keptDefaults(db: DbOrTx, keys: readonly string[]): Promise<Map<string, KeptDefaults>> {
  const rows = await db.$queryRaw<({ key: string } & KeptDefaults)[]>`
    SELECT key, defaults, known_defaults AS known, seen_at > clock_timestamp() - ${STARTING_SECONDS} * interval '1 second' AS "startedLately"
    FROM handlers WHERE key = ANY(${[...keys]}::text[])`
  return new Map(rows.map(({ key, ...kept }) => [key, kept]))
}

/**
 * Like `keptDefaults`, but first locks the rows, so that no other worker changes them until the transaction ends. They
 * are locked in the order of their keys, so that two workers never wait for each other. The second statement reads what
 * others committed while this one waited for the locks.
 */
export async function lockDefaults(db: DbOrTx, keys: readonly string[]): Promise<Map<string, KeptDefaults>> {
  await db.$queryRaw`SELECT 1 AS locked FROM handlers WHERE key = ANY(${[...keys]}::text[]) ORDER BY key FOR NO KEY UPDATE`
  return keptDefaults(db, keys)
}

/**
 * Stores what the files of these handlers say now, and remembers their digests. The rows of the
 * handlers must exist already.
 */
export async function storeDefaults(
  db: DbOrTx,
  given: readonly { key: string; defaults: JobTypeConfig | null; before: KeptDefaults }[],
): Promise<void> {
  const rows = given.map(({ key, defaults, before }) => ({
    key,
    defaults,
    known: knownAfter(before, defaults),
  }))
  await db.$executeRaw`
    UPDATE handlers h SET defaults = CASE WHEN json_typeof(one->'defaults') = 'object' THEN one->'defaults' END,
      known_defaults = ARRAY(SELECT json_array_elements_text(one->'known'))
    FROM json_array_elements(${JSON.stringify(rows)}::json) AS one
    WHERE h.key = one->>'key'`
}

/**
 * For each handler's key, the digests of its defaults that workers other than this one have. Only workers that take
 * work count.
 */
export async function defaultsOfOthers(db: DbOrTx, workerId: string): Promise<Map<string, Set<string>>> {
  const rows = await db.$queryRaw<{ key: string; digest: string }[]>`
    SELECT DISTINCT one.key, one.value AS digest FROM workers, jsonb_each_text(handler_defaults) AS one(key, value)
    WHERE id <> ${workerId}::uuid AND handler_defaults IS NOT NULL AND ${takesWork}`
  const found = new Map<string, Set<string>>()
  for (const { key, digest } of rows) found.set(key, (found.get(key) ?? new Set()).add(digest))
  return found
}

/** Writes down which defaults the handlers of a worker have. */
export async function noteDefaults(
  db: DbOrTx,
  workerId: string,
  digests: Readonly<Record<string, string>>,
): Promise<void> {
  await db.$executeRaw`
    UPDATE workers SET handler_defaults = ${JSON.stringify(digests)}::jsonb
    WHERE id = ${workerId}::uuid AND handler_defaults IS DISTINCT FROM ${JSON.stringify(digests)}::jsonb`
}
