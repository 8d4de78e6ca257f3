import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '@/server/generated/prisma/client'
import { KEEP_ALIVE_MS, steadyClient } from './steady-client'

// The connection to PostgreSQL, and what its transactions are called.

export { Prisma }
export type Db = PrismaClient
/** The caller's transaction client. An engine function that takes one never commits it. */
export type Tx = Prisma.TransactionClient
/** What an engine function accepts: a caller's transaction, or the client, in which case it opens its own. */
export type DbOrTx = Db | Tx

/** What kind of statements a client sends. PostgreSQL is told to plan for that kind. */
type Workload = keyof typeof SETTINGS

/** The timeout is in milliseconds. */
const BY_KEY = { enable_seqscan: 'off', idle_in_transaction_session_timeout: 5_000 }

const SETTINGS = {
  /** Any statement. PostgreSQL plans each one for the values that it got. */
  mixed: {},
  /**
   * A worker's statements: they read a few rows of large tables by key. Without `enable_seqscan=off`, the planner would
   * read a whole table for each batch while the table is new or its statistics are old. The timeout limits how long a
   * worker that freezes inside a transaction can hold the dispatcher's lock.
   */
  byKey: BY_KEY,
  /**
   * As byKey, for a few statements that are sent all the time. Each connection plans them once, not at each of the
   * first five calls. They read no index by a bitmap: that way, every scan visits again the rows of jobs that have moved
   * on since the last vacuum, where any other scan marks their entries as dead (decision 0122).
   */
  hotPath: { ...BY_KEY, plan_cache_mode: 'force_generic_plan', enable_bitmapscan: 'off' },
}

interface DbOptions {
  /** The largest number of connections in its pool. */
  max?: number
  applicationName?: string
  workload?: Workload
  /**
   * Milliseconds. A statement that has no answer by then rejects, and its connection is closed. A new connection has to
   * be made in the same time.
   */
  answerMs?: number
  /**
   * Milliseconds. A connection on which nothing is sent or received for so long is closed, also within a transaction.
   */
  silenceMs?: number
}

/** Milliseconds that web and worker processes wait for a statement. None of their statements takes nearly as long. */
export const SILENCE_MS = 30_000

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
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      Client: steadyClient({ silenceMs: options.silenceMs, settings: SETTINGS[options.workload ?? 'mixed'] }),
    },
    // PostgreSQL may close an idle connection. The pool opens another one, and nobody has waited for it.
    { statementNameGenerator: preparedName, onPoolError: countBroken, onConnectionError: countBroken },
  )
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 30_000 } })
}

let broken = 0
const countBroken = (): void => void broken++

/** How many connections in pools of this process have broken since it started. */
export const poolErrors = (): number => broken

/** Gives a statement a name, so that each connection plans it only once. For statements that run again and again. */
export const statementName = (name: string): Prisma.Sql => Prisma.raw(`/* jobyard:${name} */`)

/** Without a name, pg prepares the statement again at each call. */
const UNNAMED = ''

const names = new Map<string, string>()

/**
 * Parsing and planning the hot path's long statements takes longer than running them, so they are prepared under a
 * name. The name contains a hash of the text, because PostgreSQL refuses one name for two texts.
 */
function preparedName({ sql }: { sql: string }): string {
  if (!sql.startsWith('/* jobyard:')) return UNNAMED
  let name = names.get(sql)
  if (!name) {
    const label = sql.slice(11, sql.indexOf(' ', 11))
    name = `${label}_${createHash('sha1').update(sql).digest('hex').slice(0, 12)}`
    // Statements are made of fixed pieces, so there are few texts. The limit keeps a caller that varies them from
    // filling memory.
    if (names.size < 500) names.set(sql, name)
  }
  return name
}
