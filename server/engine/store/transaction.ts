import { setTimeout as sleep } from 'node:timers/promises'
import type { Db, DbOrTx, Tx } from '@/server/db'

/**
 * True for a client, on which `inTransaction` opens a transaction of its own. False for a transaction of the caller.
 */
export const isClient = (db: DbOrTx): db is Db => '$connect' in db && '$transaction' in db

/** The SQLSTATE of a failed statement. Prisma's layers put it in different places. */
export function sqlState(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at && typeof at === 'object' && depth < 6; depth++) {
    const { code, originalCode, meta, cause } = at as Record<string, unknown>
    for (const found of [originalCode, (meta as { code?: unknown } | undefined)?.code, code]) {
      // Codes such as P2034 are Prisma's own.
      if (typeof found === 'string' && /^[0-9A-Z]{5}$/.test(found) && !/^P\d{4}$/.test(found)) return found
    }
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError
  }
  return undefined
}

/** Two transactions were in conflict, and PostgreSQL ended this one. Running it again is right. */
function isSerializationConflict(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01' || (error as { code?: unknown } | null)?.code === 'P2034'
}

/** How often work is run before its conflict is passed on. */
const ATTEMPTS = 5

/** Waits for a random time of at most 40 ms, then 80, 160 and 320. So two that met do not meet again. */
const pauseAfter = (attempt: number) => sleep(Math.random() * 20 * 2 ** attempt)

/**
 * Runs `work` in the caller's transaction, or in one of its own where the caller passed the client.
 *
 * In a caller's transaction it sets a savepoint. When `work` throws, everything that it did is undone, and the caller
 * may go on. It never commits. In a transaction of its own it retries serialization failures and deadlocks.
 */
export async function inTransaction<T>(db: DbOrTx, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (!isClient(db)) {
    await db.$executeRaw`SAVEPOINT jobyard`
    try {
      const result = await work(db)
      await db.$executeRaw`RELEASE SAVEPOINT jobyard`
      return result
    } catch (error) {
      // This fails where the connection itself broke. Then the caller's transaction is gone in any case.
      await db.$executeRaw`ROLLBACK TO SAVEPOINT jobyard`.catch(() => undefined)
      // A call within a call sets a savepoint of the same name. The inner one must be gone before the outer one can be
      // reached.
      await db.$executeRaw`RELEASE SAVEPOINT jobyard`.catch(() => undefined)
      throw error
    }
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(work)
    } catch (error) {
      if (attempt === ATTEMPTS || !isSerializationConflict(error)) throw error
      await pauseAfter(attempt)
    }
  }
}

/** The SQLSTATE of a statement that had to wait for a lock longer than it may. */
export const LOCK_NOT_AVAILABLE = '55P03'
/** How long `withoutWaiting` waits for a lock. */
const PATIENCE_MS = 200

/**
 * Runs `work` in a transaction of its own that waits at most 200 ms for a lock. The leader does work for everybody, and
 * must not be stopped by one caller that leaves its transaction open. Undefined means that somebody held a lock and
 * nothing was done.
 */
export async function withoutWaiting<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T | undefined> {
  try {
    return await inTransaction(db, async (tx) => {
      // SET takes no parameters, and milliseconds where no unit is given.
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${PATIENCE_MS}`)
      return work(tx)
    })
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error
    return undefined
  }
}

/**
 * Runs one statement. On the client it is tried again after a conflict, as `retryConflicts` does. In a caller's
 * transaction the conflict is passed on.
 */
export function retryOwnConflicts<T>(db: DbOrTx, run: () => Promise<T>): Promise<T> {
  return isClient(db) ? retryConflicts(run) : run()
}

/**
 * Runs one statement without a transaction around it (the hot path), and runs it again when PostgreSQL chose it as the
 * victim of a deadlock.
 */
export async function retryConflicts<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || !isSerializationConflict(error)) throw error
      await pauseAfter(attempt)
    }
  }
}
