import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
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
 * writes the ledger as Prisma does: `prisma migrate deploy` can take over at any time. But Prisma
 * does not note which migrations the release before still runs on (`expands`), nor make BullMQ's
 * tables. Needs no engine to be downloaded.
 * @param {string} databaseUrl
 * @param {object} options
 * @param {boolean} options.bullmq also prepare the queue's own schema
 * @param {boolean} [options.force] takes something away from the schema although processes of another release run
 * @param {string} [options.folder] where the migrations are
 * @param {number} [options.stopMs] milliseconds that those processes have to stop
 * @returns {Promise<string[]>} the names of those applied
 * @throws Refusal where the database belongs to a newer version, a migration failed or was changed, or processes run that need what it takes away
 */
export async function migrate(
  databaseUrl,
  { bullmq, force = false, folder = inRoot('prisma/migrations'), stopMs = 15_000 },
) {
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
    const applied = await applyMissing(client, readMigrations(folder), force ? null : stopMs)
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

/**
 * @param {pg.Client} client
 * @param {Migration[]} own
 * @param {number | null} stopMs null: nobody asks which processes run
 */
async function applyMissing(client, own, stopMs) {
  await client.query(ledger.replace(/\s+/g, ' '))
  const { rows } = await client.query(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  )
  const known = new Map(rows.map((row) => [row.migration_name, row]))
  await refuseNewer(client, own, rows)
  const applied = []
  for (const { name, sql } of own) {
    const before = known.get(name)
    const began = before !== undefined && !before.finished_at
    if (began && indexMadeBeside(sql) !== undefined) await discardHalfIndex(client, name, sql)
    if (!before || (began && indexMadeBeside(sql) !== undefined)) {
      if (contracts(sql) && stopMs !== null) await refuseWhileOthersRun(client, name, stopMs)
      await applyWithPatience(client, name, sql)
      applied.push(name)
    } else if (began) {
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

/** True for a migration whose file begins with "-- contract": the release before it does not run on the new schema. @param {string} sql */
const contracts = (sql) => /^\s*-- contract\b/.test(sql)

/**
 * Refuses a migration that takes something away, while processes run. They are of a release before it: those of this one do not start
 * before the migration. Processes that were just told to stop have some time for it.
 * @param {pg.Client} client
 * @param {string} name
 * @param {number} stopMs
 */
async function refuseWhileOthersRun(client, name, stopMs) {
  const until = Date.now() + stopMs
  for (;;) {
    const running = await othersThatRun(client)
    if (running.length === 0) return
    if (Date.now() > until)
      throw new Refusal(
        `Migration ${name} takes something away that processes of the release before it need, and such run: ${running.join('; ')}. Stop all web and worker processes first (docs/operate/upgrade.md), or add --force where these may fail.`,
      )
    await sleep(Math.min(500, stopMs))
  }
}

/** Connections that belong to no web or worker: the checks of a start that waits, the seed, the command line. */
const passing = ['jobyard-check', 'jobyard-seed', 'jobyard-admin', 'jobyard-command']

/**
 * Processes of Jobyard that are alive: workers by their own word, all others by their connections.
 * @param {pg.Client} client @returns {Promise<string[]>}
 */
async function othersThatRun(client) {
  const { rows: known } = await client.query("SELECT to_regclass('workers') IS NOT NULL AS there")
  const { rows: workers } = known[0].there
    ? await client.query(
        "SELECT host, pid FROM workers WHERE stopped_at IS NULL AND last_seen_at > clock_timestamp() - interval '15 seconds' ORDER BY host, pid",
      )
    : { rows: [] }
  const { rows: connections } = await client.query(
    `SELECT COALESCE(host(client_addr), 'this machine') AS host, count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND application_name LIKE 'jobyard-%' AND application_name <> ALL ($1)
     GROUP BY 1 ORDER BY 1`,
    [passing],
  )
  return [
    ...workers.map(({ host, pid }) => `worker ${pid} on ${host}`),
    ...connections.map(
      ({ host, count }) => `${count} ${count === 1 ? 'connection' : 'connections'} of Jobyard from ${host}`,
    ),
  ]
}

/** True for a migration whose file begins with "-- expand": the release before it still runs on the new schema. @param {string} sql */
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
      // 55P03: `lock_timeout` has passed.
      const { code } = /** @type {{ code?: string }} */ (error instanceof Error ? error.cause : null) ?? {}
      if (code !== '55P03' || left <= 1) throw error
      await sleep(tableLock.pauseMs)
    }
  }
}

/**
 * The name of the index that a migration makes beside the work of others, and so outside of a transaction.
 * @param {string} sql
 * @returns {string | undefined}
 */
const indexMadeBeside = (sql) => /CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+"?(\w+)"?/i.exec(sql)?.[1]

/**
 * Removes what is left of such a migration that was interrupted, so that it can begin anew: PostgreSQL keeps an index
 * that is not whole, which serves nobody and costs at each write.
 * @param {pg.Client} client
 * @param {string} name
 * @param {string} sql
 */
async function discardHalfIndex(client, name, sql) {
  const index = `"${indexMadeBeside(sql)}"`
  const { rowCount } = await client.query(
    'SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
    [index],
  )
  if (rowCount) await client.query(`DROP INDEX CONCURRENTLY ${index}`)
  await client.query('DELETE FROM _prisma_migrations WHERE migration_name = $1 AND finished_at IS NULL', [name])
}

/**
 * Applies one migration in one transaction with its row in the ledger, so that a process that is killed half-way leaves
 * nothing. Statements that PostgreSQL allows only outside of a transaction are the exception.
 * @param {pg.Client} client
 * @param {string} name
 * @param {string} sql
 */
async function apply(client, name, sql) {
  const alone = /(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY/i.test(sql)
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

/**
 * @typedef {{ name: string, sql: string }} Migration
 * @param {string} folder
 * @returns {Migration[]}
 */
function readMigrations(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, file: path.join(folder, name, 'migration.sql') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, sql: readFileSync(file, 'utf8') }))
}

/**
 * Makes BullMQ's tables at migration time, so that web and worker need no right to create tables.
 * @param {pg.Client} client
 */
async function prepareQueue(client) {
  const { runMigrations } = await import('bullmq')
  await runMigrations(/** @type {any} */ (client), 'bullmq')
}
