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
import { KEEP_ALIVE_MS, steadyClient } from '@/server/steady-client'
import { BullCarrier, COMMAND_MS, PatientWorker, type Process } from './bull-carrier'

/** The most connections to the store that a queue opens, for all its commands. */
const QUEUE_CONNECTIONS = 4
/** The most that a consumer opens. */
const CONSUMER_CONNECTIONS = 8

/** PostgreSQL's error codes when a part of BullMQ's schema is missing, or exists without a record of its migration. */
const BROKEN = new Set(['3F000', '42P01', '42883', '42704', '42P07', '42710', '42723'])

/**
 * BullMQ sets its schema only by the startup parameter `options`, which a connection pooler may drop. So each
 * connection sets it again.
 */
const settings = { search_path: quoteSchemaName(DEFAULT_SCHEMA) }

/**
 * Milliseconds. BullMQ waits for an answer without a limit. Where a network swallows packets, none ever comes, and a
 * consumer that waits for it takes no job any more. A pool closes idle connections sooner, so only such a wait is that
 * silent.
 */
const UNANSWERED_MS = 20_000
const PoolClient = steadyClient({ silenceMs: UNANSWERED_MS, settings })
/**
 * For LISTEN. It is silent while nothing happens, so it has no such limit. BullMQ also looks by itself every few
 * seconds.
 */
const ListenClient = steadyClient({ settings })

/**
 * Removes a message by BullMQ's own function, unless a worker has it or is about to get it. A row that is locked is
 * just being claimed by a worker.
 */
const REMOVE = `
  WITH waiting AS MATERIALIZED (SELECT queue, id FROM job WHERE queue = $1 AND id = $2 AND state <> 'active' FOR UPDATE SKIP LOCKED)
  SELECT remove(queue, id, true) FROM waiting`

/**
 * BullMQ's backend (6.7.0) with two changes.
 *
 * The first is about the LISTEN connection (`PostgresConnection.getListenClient`). BullMQ begins to watch for its end
 * some moments after it is opened. A connection that was cut in between ended the whole process, so another class of
 * connection is used.
 *
 * The second is about `remove`. BullMQ looks whether a worker has the message before it locks the row. A message that a
 * worker claimed in between was removed, and the worker reported a "Missing key" at its end. On Redis both happen in
 * one step.
 */
const createBackend: typeof createPostgresBackend = (name, options, more) => {
  const backend = createPostgresBackend(name, options, more)
  const connection = backend.connection as unknown as { pgModule: { Client: typeof Client } }
  connection.pgModule = { Client: ListenClient }
  backend.remove = async (id) => (await backend.connection.pool.query(REMOVE, [name, id])).rows.length
  return backend
}

/** BullMQ on PostgreSQL, in a schema of its own in our database. */
export class PostgresCarrier extends BullCarrier {
  readonly backend = 'postgresql'
  private broken = false
  private repairing: Promise<void> | undefined

  // The dispatcher has just talked to the same server, so it is not asked again.
  protected async reach(): Promise<void> {
    if (this.broken) await this.repair()
  }

  protected openQueue(name: string): Queue {
    return new Queue(name, { connection: this.connection(QUEUE_CONNECTIONS) }, createBackend) as unknown as Queue
  }

  protected openWorker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): Worker {
    // BullMQ's types accept another backend only for its own class, and not for one that extends it.
    return new PatientWorker(
      name,
      process,
      { ...options, connection: this.connection(CONSUMER_CONNECTIONS) as never },
      createBackend as never,
    )
  }

  /**
   * True where the server answered with an error, or could not be connected to. Codes that begin with 57 (the server
   * shuts down) or 08 (the connection broke) do not tell whether the command was carried out.
   */
  protected refused(error: unknown): boolean {
    const { code } = error as { code?: string }
    return (
      code === 'ECONNREFUSED' ||
      (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57') && !code.startsWith('08'))
    )
  }

  /** Only errors of BullMQ's own commands come here, so the fault is in its schema. */
  protected override noticed(error: unknown): void {
    if (this.broken || !BROKEN.has((error as { code?: string }).code ?? '')) return
    this.broken = true
    // The schema is restored at once. Waiting for the next publish is not enough: there may be no job to publish while
    // consumers wait for the schema.
    this.repair().catch(this.options.onError)
  }

  private repair(): Promise<void> {
    this.repairing ??= restoreSchema(this.options.databaseUrl)
      .then(() => void (this.broken = false))
      .finally(() => (this.repairing = undefined))
    return this.repairing
  }

  /** @param max the most connections that are open at once */
  private connection(max: number) {
    return {
      connectionString: this.options.databaseUrl,
      max,
      migrate: true,
      application_name: 'jobyard-queue',
      connectionTimeoutMillis: COMMAND_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      // BullMQ holds a connection over several statements without listening for its errors. This class listens.
      Client: PoolClient,
    }
  }
}

/**
 * Restores BullMQ's schema. Where its tables exist and the record of its migrations is empty, no migration could ever
 * succeed. Then the schema is dropped first, with its messages. Nothing is lost, because the reconciler
 * (worker/upkeep/reconciler.ts) finds the jobs in our own tables.
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
    // BullMQ's own migrations take this lock, so nobody else makes the schema at the same time.
    await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [MIGRATION_ADVISORY_LOCK_KEY, DEFAULT_SCHEMA])
    // `unknown`: the tables and the record are there, and it is not known yet whether the record is empty.
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
