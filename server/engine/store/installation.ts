import type { Db } from '@/server/db'

/**
 * A short name of this database. It tells installations apart that share one Redis. A copy that was made by dump and
 * restore gets another name.
 */
export async function installation(db: Db): Promise<string> {
  const [row] = await db.$queryRaw<{ name: string }[]>`
    SELECT substr(md5(s.system_identifier::text || '/' || d.oid::text), 1, 12) AS name
    FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()`
  if (!row) throw new Error('PostgreSQL did not say which database this is')
  return row.name
}

/** Resolves when the database answers. */
export async function ping(db: Db): Promise<void> {
  await db.$queryRaw`SELECT 1 AS one`
}
