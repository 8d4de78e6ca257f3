import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '@/server/generated/prisma/client'
import { steadyClient } from './steady-client'

export { Prisma }
export type Db = PrismaClient
/** The caller's transaction client. Every engine function takes one and never commits it. */
export type Tx = Prisma.TransactionClient
/** What an engine function accepts: a caller's transaction, or the client, in which case it opens its own. */
export type DbOrTx = Db | Tx

/** What a client's statements are like; PostgreSQL plans them accordingly. */
type Workload = keyof typeof SETTINGS

const BY_KEY = { enable_seqscan: 'off', idle_in_transaction_session_timeout: 5_000 }

const SETTINGS = {
  /** Anything, planned for what was asked. */
  mixed: {},
  /**
   * A worker's: few rows of large tables, by key; while a table is young or its statistics are old, the
   * planner would read all of it for each batch. A worker that freezes inside a transaction must not hold
   * the dispatcher's lock for long.
   */
  byKey: BY_KEY,
  /** As byKey, the same few statements all the time: planned once a connection and not for each of the first five. */
  hotPath: { ...BY_KEY, plan_cache_mode: 'force_generic_plan' },
}

interface DbOptions {
  /** Most connections of its pool. */
  max?: number
  applicationName?: string
  workload?: Workload
  /** A single statement without an answer after so many milliseconds rejects, and its connection is given up. */
  answerMs?: number
  /** A connection without a sign of life for so many milliseconds ends, within a transaction too. */
  silenceMs?: number
}

/** How long the processes that serve and work wait for a statement, milliseconds: none of theirs comes near it. */
export const SILENCE_MS = 60_000

/** Opens a client with a pool. The caller disconnects it. */
export function createDb(databaseUrl: string, options: DbOptions = {}): Db {
  const adapter = new PrismaPg(
    {
      connectionString: databaseUrl,
      max: options.max ?? 10,
      application_name: options.applicationName ?? 'jobyard',
      connectionTimeoutMillis: options.answerMs ?? 10_000,
      query_timeout: options.answerMs,
      keepAlive: true,
      Client: steadyClient({ silenceMs: options.silenceMs, settings: SETTINGS[options.workload ?? 'mixed'] }),
    },
    // A connection that PostgreSQL ended while idle is replaced by the pool; nobody waits for it.
    { statementNameGenerator: preparedName, onPoolError: () => undefined, onConnectionError: () => undefined },
  )
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 30_000 } })
}

/** Begins a statement that is planned once a connection: for those that are run again and again. */
export const statementName = (name: string): Prisma.Sql => Prisma.raw(`/* jobyard:${name} */`)

/** pg prepares a statement anew when its name is empty. */
const UNNAMED = ''

const names = new Map<string, string>()

/**
 * Parsing and planning the hot path's long statements takes longer than running them. The name holds a
 * hash of the text, as PostgreSQL refuses one name for two texts.
 */
function preparedName({ sql }: { sql: string }): string {
  if (!sql.startsWith('/* jobyard:')) return UNNAMED
  let name = names.get(sql)
  if (!name) {
    const label = sql.slice(11, sql.indexOf(' ', 11))
    name = `${label}_${createHash('sha1').update(sql).digest('hex').slice(0, 12)}`
    // Texts are made of fixed pieces, so there are few; a caller that varies them must not fill memory.
    if (names.size < 500) names.set(sql, name)
  }
  return name
}
