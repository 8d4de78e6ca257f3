import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../launcher/migrations.mjs'
import { inRoot } from '../launcher/paths.mjs'

// Databases for tests, each its own.

export interface TestDatabase {
  url: string
  /** Ends every session on the database and removes it. */
  drop(): Promise<void>
}

/** The address of another database on the same server, for the same role. */
function urlOf(database: string, server: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run database tests with `npm run test:db [file]`')
  return url
}

async function onServer<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** An empty database without our schema. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createFrom('template0', serverUrl())
}

/** A migrated, empty database for one test file. It is a copy of a template that is made once in a run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return createFrom(await migratedTemplate(serverUrl()), serverUrl())
}

async function createFrom(template: string, server: string, how = ''): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} ${how}`))
  return {
    url: urlOf(name, server),
    drop: () => onServer(server, (client) => drop(client, name)),
  }
}

/**
 * A copy of a database that takes long to fill. The filled one is kept on the server. It is filled anew when the
 * migrations or `sources`, the files that fill it, have changed, and when it is older than `hours`, because the times in
 * it grow old with it. No other tests may use this server: what is left of earlier runs is removed from it.
 */
export async function createFromKept(
  server: string,
  { sources, hours, fill }: { sources: readonly string[]; hours: number; fill: (url: string) => Promise<void> },
): Promise<TestDatabase> {
  const hash = createHash('sha256').update(hashMigrations())
  for (const file of sources) hash.update(readFileSync(inRoot(file)))
  const prefix = `kept_${hash.digest('hex').slice(0, 16)}_`
  const young = (name: string) =>
    name.startsWith(prefix) && Date.now() - Number(name.slice(prefix.length)) < hours * 3_600_000
  const name = await onServer(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname LIKE 'kept_%' OR datname LIKE 'test_%'",
    )
    const names = rows.map(({ datname }) => datname)
    // A run that was killed leaves its copy.
    for (const old of names.filter((each) => !young(each))) await drop(client, old)
    return names.find(young)
  })
  // By default PostgreSQL writes a whole new database into its log as well, which is slow for a large one.
  if (name !== undefined) return createFrom(name, server, 'STRATEGY file_copy')
  const draft = await createFrom(await migratedTemplate(server), server)
  await fill(draft.url)
  const made = `${prefix}${Date.now()}`
  await onServer(server, (client) =>
    client.query(`ALTER DATABASE ${new URL(draft.url).pathname.slice(1)} RENAME TO ${made}`),
  )
  return createFrom(made, server, 'STRATEGY file_copy')
}

/**
 * How often, and how far apart in milliseconds, a database is dropped again that PostgreSQL's own process is looking
 * at.
 */
const DROP_TRIES = 50
const DROP_PAUSE_MS = 200

/**
 * Drops a database with the connections that are still open to it. Our role is no superuser, so it may not end a
 * process of PostgreSQL itself, such as autovacuum. That process leaves within seconds.
 */
async function drop(client: pg.Client, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== '42501' || tries === DROP_TRIES) throw error
      await sleep(DROP_PAUSE_MS)
    }
  }
}

/** The name of the template depends on the text of the migrations, so that an old copy is never used after a change. */
async function migratedTemplate(server: string): Promise<string> {
  const name = `template_${hashMigrations().slice(0, 16)}`
  await onServer(server, async (client) => {
    // Test files start at the same time. One of them makes the template, and the others wait until its connection ends.
    // A run that is killed leaves a draft, and never half a template.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount) return
    const draft = `${name}_draft`
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
    await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`)
    await migrate(urlOf(draft, server), { bullmq: true })
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
  })
  return name
}

function hashMigrations(): string {
  const folder = inRoot('prisma/migrations')
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name, 'migration.sql')
    if (statSync(path.join(folder, name)).isDirectory()) hash.update(name).update(readFileSync(file))
  }
  return hash.digest('hex')
}
