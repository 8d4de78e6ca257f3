import {
  DEFAULT_SCHEMA,
  MIGRATION_ADVISORY_LOCK_KEY,
  Queue,
  createPostgresBackend,
  quoteSchemaName,
  runMigrations,
  type Worker,
  type WorkerOptions,
} from 'bullmq'
import type { Client } from 'pg'
import { steadyClient } from '@/server/steady-client'
import { BullCarrier, COMMAND_MS, PatientWorker, type Process } from './bull-carrier'

/** What PostgreSQL says when a part of BullMQ's schema is not there, or is there without the note of its migration. */
const BROKEN = new Set(['3F000', '42P01', '42883', '42704', '42P07', '42710', '42723'])

/** BullMQ names its schema by the startup parameter `options` alone, which a pooler may have dropped. */
const QueueClient = steadyClient({ settings: { search_path: quoteSchemaName(DEFAULT_SCHEMA) } })

/**
 * Takes a message out by BullMQ's own function, unless a worker has it or is about to: whoever holds the row's lock meanwhile
 * is claiming it.
 */
const REMOVE = `
  WITH waiting AS MATERIALIZED (SELECT queue, id FROM job WHERE queue = $1 AND id = $2 AND state <> 'active' FOR UPDATE SKIP LOCKED)
  SELECT remove(queue, id, true) FROM waiting`

/**
 * BullMQ's backend (6.7.0), but for two things. BullMQ hears of the end of its LISTEN connection only some moments after it
 * is there (`PostgresConnection.getListenClient`), and one that was cut in between ended the process: hence another class.
 * And its `remove` looks whether a worker has the message before it locks the row: one that was claimed in between went,
 * and its worker complained at the end of a "Missing key". On Redis that is one step.
 */
const createBackend: typeof createPostgresBackend = (name, options, more) => {
  const backend = createPostgresBackend(name, options, more)
  const connection = backend.connection as unknown as { pgModule: { Client: typeof Client } }
  connection.pgModule = { Client: QueueClient }
  backend.remove = async (id) => (await backend.connection.pool.query(REMOVE, [name, id])).rows.length
  return backend
}

/** BullMQ on PostgreSQL, in a schema of its own in our database. */
export class PostgresCarrier extends BullCarrier {
  readonly backend = 'postgresql'
  private broken = false
  private repairing: Promise<void> | undefined

  // The dispatcher has just talked to the same server.
  protected async reach(): Promise<void> {
    if (this.broken) await this.repair()
  }

  protected openQueue(name: string): Queue {
    return new Queue(name, { connection: this.connection(4) }, createBackend) as unknown as Queue
  }

  protected openWorker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): Worker {
    // BullMQ's types let only its own class be given another backend, not one that extends it.
    return new PatientWorker(
      name,
      process,
      { ...options, connection: this.connection(8) as never },
      createBackend as never,
    )
  }

  /** The server answered with an error, or was not there to be asked. */
  protected refused(error: unknown): boolean {
    const { code } = error as { code?: string }
    return (
      code === 'ECONNREFUSED' ||
      (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57') && !code.startsWith('08'))
    )
  }

  /** Only BullMQ's own commands come here, so what is wrong is its schema. */
  protected override noticed(error: unknown): void {
    if (this.broken || !BROKEN.has((error as { code?: string }).code ?? '')) return
    this.broken = true
    // Nobody may have a job to publish, and consumers still wait for the schema.
    this.repair().catch(this.options.onError)
  }

  private repair(): Promise<void> {
    this.repairing ??= restoreSchema(this.options.databaseUrl)
      .then(() => void (this.broken = false))
      .finally(() => (this.repairing = undefined))
    return this.repairing
  }

  private connection(max: number) {
    return {
      connectionString: this.options.databaseUrl,
      max,
      migrate: true,
      application_name: 'jobyard-queue',
      connectionTimeoutMillis: COMMAND_MS,
      keepAlive: true,
      // BullMQ holds connections over several statements, and listens to none of them meanwhile.
      Client: QueueClient,
    }
  }
}

/**
 * Makes BullMQ's schema whole again. Where its tables are there and the note of its migrations is
 * empty, nothing could ever migrate it: then it goes first, with what it held. That is no loss, as the
 * reconciler finds in our own tables what it carried.
 */
async function restoreSchema(databaseUrl: string): Promise<void> {
  const client = new (steadyClient())({
    connectionString: databaseUrl,
    application_name: 'jobyard-queue',
    connectionTimeoutMillis: COMMAND_MS,
  })
  await client.connect()
  try {
    await client.query('BEGIN')
    // The lock that BullMQ's own migrations take: nobody makes the schema meanwhile.
    await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [MIGRATION_ADVISORY_LOCK_KEY, DEFAULT_SCHEMA])
    const { rows } = await client.query<{ unknown: boolean }>(
      `SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS unknown`,
      [`${DEFAULT_SCHEMA}.job`, `${DEFAULT_SCHEMA}.migration`],
    )
    if (rows[0]?.unknown) {
      const schema = quoteSchemaName(DEFAULT_SCHEMA)
      const notes = await client.query(`SELECT 1 FROM ${schema}.migration LIMIT 1`)
      if (notes.rows.length === 0) await client.query(`DROP SCHEMA ${schema} CASCADE`)
    }
    await client.query('COMMIT')
    await runMigrations(client, DEFAULT_SCHEMA)
  } finally {
    await client.end().catch(() => undefined)
  }
}
