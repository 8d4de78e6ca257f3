import { randomBytes } from 'node:crypto'
import { createDb, Prisma, type Db } from '@/server/db'

/** Asks one statement for its rows. */
export type Ask = <Row>(statement: Prisma.Sql) => Promise<Row[]>

/** A client whose statements end when somebody loses interest in them. */
export interface StoppableDb {
  db: Db
  /** Waits for work of the client, such as a statement, and gives up as soon as the signal fires. */
  unlessStopped: <T>(work: () => Promise<T>) => Promise<T>
  ask: Ask
  close: () => Promise<void>
}

/** A statement over a million rows takes seconds, and the server goes on with it after the one who asked has left. */
const CONNECTIONS = 2

/**
 * Opens connections for statements that take long. When the signal fires, whoever waits is told at once, and the server
 * is asked to cancel what it works on for these connections.
 *
 * @param signalOf asked at the first statement, because a signal takes more memory than all else of a short job
 */
export function openStoppable(databaseUrl: string, signalOf: () => AbortSignal | undefined): StoppableDb {
  // By this name the server's own processes for these connections are found.
  const applicationName = `jobyard-handler ${randomBytes(8).toString('hex')}`
  const db = createDb(databaseUrl, { max: CONNECTIONS, applicationName })
  let signal: AbortSignal | undefined
  let stopped: Promise<never> | undefined
  let canceled: Promise<void> | undefined

  const onAbort = () => void (canceled = cancelStatements(databaseUrl, applicationName))
  function follow(): Promise<never> | undefined {
    if (signal) return stopped
    signal = signalOf()
    if (!signal) return undefined
    const { promise, reject } = deferred()
    signal.addEventListener('abort', () => reject(signal!.reason as Error), { once: true })
    signal.addEventListener('abort', onAbort, { once: true })
    // Nobody may wait for a statement just then.
    promise.catch(() => undefined)
    return (stopped = promise)
  }

  async function unlessStopped<T>(work: () => Promise<T>): Promise<T> {
    const stop = follow()
    signal?.throwIfAborted()
    if (!stop) return work()
    const result = work()
    result.catch(() => undefined)
    return Promise.race([result, stop])
  }
  return {
    db,
    unlessStopped,
    ask: (statement) => unlessStopped(() => db.$queryRaw(statement)),
    async close() {
      signal?.removeEventListener('abort', onAbort)
      await canceled
      await db.$disconnect()
    },
  }
}

function deferred() {
  let reject!: (error: Error) => void
  const promise = new Promise<never>((_, no) => (reject = no))
  return { promise, reject }
}

/** What cannot be canceled, because the server is away for instance, ends by itself. */
async function cancelStatements(databaseUrl: string, applicationName: string): Promise<void> {
  const db = createDb(databaseUrl, { max: 1, applicationName: 'jobyard-handler' })
  try {
    await db.$queryRaw`
      SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE application_name = ${applicationName} AND usename = current_user AND state = 'active'`
  } catch {
    // Said above.
  } finally {
    await db.$disconnect()
  }
}
