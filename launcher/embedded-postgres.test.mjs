import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { migrate } from './migrations.mjs'
import { startEmbeddedPostgres } from './embedded-postgres.mjs'
import { readJson } from './paths.mjs'

const place = mkdtempSync(path.join(tmpdir(), 'jobyard-embedded-'))
chmodSync(place, 0o711) // The database's user passes through this folder when root runs the test.
const folder = path.join(place, 'postgres')
/** @type {import('./embedded-postgres.mjs').EmbeddedPostgres | undefined} */
let running
afterAll(async () => {
  await running?.supervisor.stop()
  rmSync(place, { recursive: true, force: true })
})

/** @param {string} url @param {string[]} statements @returns {Promise<any[][]>} */
async function ask(url, ...statements) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const answers = []
    for (const statement of statements) answers.push((await client.query(statement)).rows)
    return answers
  } finally {
    await client.end().catch(() => {})
  }
}

const start = async () => (running = await startEmbeddedPostgres({ folder, silent: true, logFile: `${folder}.log` }))
const standing = `SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, pg_get_userbyid(datdba) = current_user AS owner
  FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`
const ordinary = {
  rolsuper: false,
  rolcreatedb: false,
  rolcreaterole: false,
  rolreplication: false,
  rolbypassrls: false,
  owner: true,
}

test('the role of the embedded database is no superuser and can do all that the product does, also on a database that an earlier version made', async () => {
  const first = await start()
  expect(await ask(first.url, standing)).toEqual([[ordinary]])
  expect((await migrate(first.url, { bullmq: true })).length).toBeGreaterThan(0)
  await expect(ask(first.url, `SELECT pg_read_file('postgresql.conf')`)).rejects.toThrow('permission denied')
  await expect(ask(first.url, `COPY (SELECT 1) TO PROGRAM 'cat'`)).rejects.toThrow('permission denied')
  await expect(ask(first.url, 'ALTER ROLE jobyard_app SUPERUSER')).rejects.toThrow('permission denied')
  // Tools of an administrator end sessions of the same role.
  const victim = new pg.Client({ connectionString: first.url, application_name: 'victim' })
  const ended = new Promise((resolve) => victim.on('error', resolve))
  await victim.connect()
  await ask(first.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`)
  await ended
  expect(statSync(`${folder}.json`).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o077).toBe(0)

  // The state that an earlier version left: everything belongs to the superuser, whose password is the one that is
  // kept.
  const { password, superuserPassword } = readJson(`${folder}.json`)
  await ask(
    first.adminUrl,
    'REASSIGN OWNED BY jobyard_app TO jobyard',
    'ALTER DATABASE jobyard OWNER TO jobyard',
    `CREATE SCHEMA notes CREATE TABLE notes.kept (id serial PRIMARY KEY, at int GENERATED ALWAYS AS IDENTITY, mood text) CREATE VIEW notes.seen AS SELECT 1 AS one`,
    `CREATE TYPE notes.mood AS ENUM ('good')`,
    `CREATE FUNCTION notes.one(n int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT n'`,
    `CREATE MATERIALIZED VIEW notes.once AS SELECT 1 AS one`,
    'CREATE SEQUENCE notes.loose',
    `INSERT INTO notes.kept (mood) VALUES ('good')`,
    'DROP ROLE jobyard_app',
    `ALTER ROLE jobyard PASSWORD '${password}'`,
  )
  await first.supervisor.stop()
  writeFileSync(`${folder}.json`, JSON.stringify({ password, port: Number(new URL(first.url).port) }))

  const second = await start()
  expect(await ask(second.url, standing)).toEqual([[ordinary]])
  expect(new URL(second.url).port).toBe(new URL(first.url).port)
  expect(
    await ask(second.url, 'SELECT mood FROM notes.kept', `INSERT INTO notes.kept (mood) VALUES ('new') RETURNING id`),
  ).toEqual([[{ mood: 'good' }], [{ id: 2 }]])
  expect(await migrate(second.url, { bullmq: true })).toEqual([])
  const foreign = `SELECT n.nspname, relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_get_userbyid(relowner) <> current_user
    UNION ALL SELECT n.nspname, proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_get_userbyid(proowner) <> current_user
    UNION ALL SELECT n.nspname, typname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND pg_get_userbyid(typowner) <> current_user`
  expect(await ask(second.url, foreign)).toEqual([[]])
  // The passwords that many processes knew are no longer accepted.
  for (const user of ['jobyard', 'jobyard_app']) {
    const old = new URL(second.url)
    old.username = user
    old.password = password
    await expect(ask(old.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  }
  expect(readJson(`${folder}.json`).superuserPassword).not.toBe(superuserPassword)
})
