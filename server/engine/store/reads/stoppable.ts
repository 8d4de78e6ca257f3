import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { createDb, Prisma, type Db } from '@/server/db'

// A handler's statement may read a million rows and take seconds. PostgreSQL goes on with it after the handler was
// stopped, so it has to be canceled.

/** Runs one statement and returns its rows. */
export type Ask = <Row>(statement: Prisma.Sql) => Promise<Row[]>

/** A database client for one attempt. Its statements are canceled when the attempt's signal fires. */
export interface StoppableDb {
  db: Db
  /** Waits for work of the client, such as a statement, and gives up as soon as the signal fires. */
  unlessStopped: <T>(work: () => Promise<T>) => Promise<T>
  ask: Ask
  close: () => Promise<void>
}

/** A handler rarely asks more at once. More questions wait for these. */
const CONNECTIONS = 2
/** Milliseconds between two looks for statements that still have to be canceled. */
const LOOK_AGAIN_MS = 100

/**
 * Opens connections for statements that take long. When the signal fires, whoever waits is told at once, and PostgreSQL
 * is asked to cancel what it works on for these connections.
 *
 * @param signalOf returns the signal. It is called at the first statement and not before, because making the signal
 * takes memory that a handler without statements can save
 */
export function openStoppable(databaseUrl: string, signalOf: () => AbortSignal | undefined): StoppableDb {
  // `cancelStatements` finds the sessions of these connections by this name.
  const applicationName = `jobyard-handler ${randomBytes(8).toString('hex')}`
  const db = createDb(databaseUrl, { max: CONNECTIONS, applicationName })
  // Work that waits for a connection waits here and not in the pool. So it can still be left out when the signal fires.
  const turns = pLimit(CONNECTIONS)
  let signal: AbortSignal | undefined
  let canceled: Promise<void> | undefined
  const onAbort = () => void (canceled = cancelStatements(databaseUrl, applicationName, () => turns.activeCount > 0))

  async function unlessStopped<T>(work: () => Promise<T>): Promise<T> {
    const stop = signalOnce()
    if (!stop) return turns(work)
    stop.throwIfAborted()
    // Promise.race against one promise of the signal would keep every answer in memory until the signal fires.
    return new Promise<T>((resolve, reject) => {
      const rejectNow = () => reject(stop.reason as Error)
      stop.addEventListener('abort', rejectNow, { once: true })
      void turns(() => {
        stop.throwIfAborted()
        return work()
      })
        .then(resolve, reject)
        .finally(() => stop.removeEventListener('abort', rejectNow))
    })
  }

  function signalOnce(): AbortSignal | undefined {
    if (!signal) {
      signal = signalOf()
      signal?.addEventListener('abort', onAbort, { once: true })
    }
    return signal
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

/**
 * Asks PostgreSQL to cancel what it works on for these connections, and looks again until no work is left. A statement
 * may only begin after a look: its connection was still being opened, or its work sends several statements.
 */
async function cancelStatements(databaseUrl: string, applicationName: string, hasWork: () => boolean): Promise<void> {
  if (!hasWork()) return
  const db = createDb(databaseUrl, { max: 1, applicationName: 'jobyard-handler' })
  try {
    while (hasWork()) {
      await db.$queryRaw`
        SELECT pg_cancel_backend(pid) FROM pg_stat_activity
        WHERE application_name = ${applicationName} AND usename = current_user AND state = 'active'`
      await sleep(LOOK_AGAIN_MS)
    }
  } catch {
    // A server that cannot be reached will notice the closed connections.
  } finally {
    await db.$disconnect()
  }
}
