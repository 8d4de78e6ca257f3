import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { schemaState } from '../server/engine/domain/schema-state.mjs'
import { inRoot, sha256 } from './paths.mjs'
import { Refusal } from './say.mjs'

/** The lock that Prisma's own `migrate deploy` takes. So the two never run at the same time. */
const prismaLock = 72_707_369
const lockPatienceMs = 120_000
/**
 * How long one try waits for the lock of a table, and how often it is tried. Whoever waits for a strong lock makes all
 * others wait behind it, so a migration gives up and comes again.
 */
const tableLock = { waitMs: 2_000, tries: 30, pauseMs: 2_000 }

/** The table of migrations, with the same columns that Prisma creates. */
const ledger = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`

/**
 * Applies what is missing of prisma/migrations, in order, one at a time over all processes, and
 * writes the ledger as Prisma does: `prisma migrate deploy` can take over at any time. Needs no
 * engine to be downloaded.
 * @param {string} databaseUrl
 * @param {{ bullmq: boolean }} options `bullmq`: also prepare the queue's own schema
 * @returns {Promise<string[]>} the names of those applied
 * @throws Refusal where the database belongs to a newer version, or a migration failed or was changed
 */
export async function migrate(databaseUrl, { bullmq }) {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'jobyard migrate',
  })
  client.on('error', () => {}) // A broken connection fails the statement that is running, and that error is enough.
  await client.connect()
  try {
    await client.query('SET jit = off') // Compiling plans would cost many times more than it saves.
    await lock(client)
    const applied = await applyMissing(client)
    if (bullmq) await prepareQueue(client)
    return applied
  } finally {
    await client.end()
  }
}

/** @param {pg.Client} client */
async function lock(client) {
  const end = Date.now() + lockPatienceMs
  for (;;) {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS mine', [prismaLock])
    if (rows[0].mine) return
    if (Date.now() > end)
      throw new Refusal(
        'Another process has been migrating this database for over two minutes. Look at pg_locks for who holds the advisory lock 72707369.',
      )
    await sleep(100)
  }
}

/** @param {pg.Client} client */
async function applyMissing(client) {
  await client.query(ledger.replace(/\s+/g, ' '))
  const { rows } = await client.query(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  )
  const known = new Map(rows.map((row) => [row.migration_name, row]))
  const own = readMigrations()
  await refuseNewer(client, own, rows)
  const applied = []
  for (const { name, sql } of own) {
    const before = known.get(name)
    if (!before) {
      await applyWithPatience(client, name, sql)
      applied.push(name)
    } else if (!before.finished_at) {
      throw new Refusal(
        `Migration ${name} failed here earlier and was not resolved. Repair it, then run \`npx prisma migrate resolve\`.`,
      )
    } else if (before.checksum !== sha256(sql)) {
      throw new Refusal(
        `Migration ${name} was changed after it had been applied to this database. Restore the file (or, for the embedded database, remove .local to begin anew).`,
      )
    }
  }
  return applied
}

/**
 * Refuses a database whose migrations this version does not know, unless each of them is marked as one on which the
 * version before it still runs.
 * @param {pg.Client} client
 * @param {{ name: string }[]} own
 * @param {{ migration_name: string, finished_at: Date | null }[]} rows
 */
async function refuseNewer(client, own, rows) {
  const state = schemaState({
    own: own.map(({ name }) => name),
    applied: rows.filter(({ finished_at }) => finished_at).map(({ migration_name }) => migration_name),
    expanding: await expandingOf(client),
  })
  if (state.state === 'newer' && !state.serves) throw new Refusal(state.message)
}

/** @param {pg.Client} client @returns {Promise<string[]>} */
async function expandingOf(client) {
  const { rows } = await client.query("SELECT to_regclass('expanding_migrations') IS NOT NULL AS there")
  if (!rows[0].there) return []
  return (await client.query('SELECT name FROM expanding_migrations')).rows.map(({ name }) => name)
}

/**
 * True for a migration whose file begins with "-- expand": the release before it still runs on the new schema.
 * @param {string} sql
 */
const expands = (sql) => /^\s*-- expand\b/.test(sql)

/**
 * Applies one migration, and again where it could not have the lock of a table.
 * @param {pg.Client} client
 * @param {string} name
 * @param {string} sql
 */
async function applyWithPatience(client, name, sql) {
  for (let left = tableLock.tries; ; left--) {
    try {
      return await apply(client, name, sql)
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error instanceof Error ? error.cause : null) ?? {}
      if (code !== '55P03' || left <= 1) throw error
      await sleep(tableLock.pauseMs)
    }
  }
}

/**
 * Applies one migration in one transaction with its row in the ledger, so that a process that is killed half-way leaves
 * nothing. Statements that PostgreSQL allows only outside of a transaction are the exception.
 * @param {pg.Client} client
 * @param {string} name
 * @param {string} sql
 */
async function apply(client, name, sql) {
  const alone = /CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY/i.test(sql)
  const id = randomUUID()
  const insert = 'INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)'
  const finish = 'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1'
  try {
    if (!alone) await client.query(`BEGIN; SET LOCAL lock_timeout = ${tableLock.waitMs}`)
    await client.query(insert, [id, sha256(sql), name])
    await client.query(sql)
    if (expands(sql))
      await client.query('INSERT INTO expanding_migrations (name) VALUES ($1) ON CONFLICT DO NOTHING', [name])
    await client.query(finish, [id])
    if (!alone) await client.query('COMMIT')
  } catch (error) {
    if (!alone) await client.query('ROLLBACK').catch(() => {})
    const refusal = new Refusal(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`)
    refusal.cause = error
    throw refusal
  }
}

/** @returns {{ name: string, sql: string }[]} */
function readMigrations() {
  const folder = inRoot('prisma/migrations')
  return readdirSync(folder)
    .sort()
    .filter((name) => existsSync(`${folder}/${name}/migration.sql`))
    .map((name) => ({ name, sql: readFileSync(`${folder}/${name}/migration.sql`, 'utf8') }))
}

/**
 * Makes BullMQ's tables at migration time, so that web and worker need no right to create tables.
 * @param {pg.Client} client
 */
async function prepareQueue(client) {
  const { runMigrations } = await import('bullmq')
  await runMigrations(/** @type {any} */ (client), 'bullmq')
}
