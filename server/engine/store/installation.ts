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

/** The major version of the PostgreSQL server, such as 15. */
export async function serverVersion(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ version: number }[]>`
    SELECT current_setting('server_version_num')::int / 10000 AS version`
  return row!.version
}

/** How many seconds the database's clock is ahead of this machine's, give or take half of what the question took. */
export async function clockOffsetSeconds(db: Db): Promise<number> {
  const before = Date.now()
  const [row] = await db.$queryRaw<{ at: number }[]>`SELECT extract(epoch FROM clock_timestamp())::float8 AS at`
  // The sum of two milliseconds / 2000 is the middle of the question by this machine's clock, in seconds.
  return row!.at - (before + Date.now()) / 2000
}
