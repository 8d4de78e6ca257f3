import { setTimeout as sleep } from 'node:timers/promises'
import type { Db, DbOrTx, Tx } from '@/server/db'

/** Whether `inTransaction` opens one of its own, and not the caller's goes on. */
export const isClient = (db: DbOrTx): db is Db => '$connect' in db && '$transaction' in db

/** SQLSTATE of a failed statement, wherever Prisma's layers put it. */
export function sqlState(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at && typeof at === 'object' && depth < 6; depth++) {
    const { code, originalCode, meta, cause } = at as Record<string, unknown>
    for (const found of [originalCode, (meta as { code?: unknown } | undefined)?.code, code]) {
      if (typeof found === 'string' && /^[0-9A-Z]{5}$/.test(found) && !/^P\d{4}$/.test(found)) return found
    }
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError
  }
  return undefined
}

/** Two transactions met and PostgreSQL chose this one to give way: running it again is right. */
function isSerializationConflict(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01' || (error as { code?: unknown } | null)?.code === 'P2034'
}

const ATTEMPTS = 5

/**
 * Runs `work` in the caller's transaction, or in one of its own where the caller passed the client.
 *
 * In a caller's transaction it sets a savepoint: when `work` throws, what it did is undone and the
 * caller may go on; it never commits. In its own, serialization failures and deadlocks are retried.
 */
export async function inTransaction<T>(db: DbOrTx, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (!isClient(db)) {
    await db.$executeRaw`SAVEPOINT jobyard`
    try {
      const result = await work(db)
      await db.$executeRaw`RELEASE SAVEPOINT jobyard`
      return result
    } catch (error) {
      // The connection itself may be what broke; then the caller's transaction is gone in any case.
      await db.$executeRaw`ROLLBACK TO SAVEPOINT jobyard`.catch(() => undefined)
      // A call within a call has a savepoint of the same name: this one must not stand before the outer one's.
      await db.$executeRaw`RELEASE SAVEPOINT jobyard`.catch(() => undefined)
      throw error
    }
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(work)
    } catch (error) {
      if (attempt === ATTEMPTS || !isSerializationConflict(error)) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

/** The SQLSTATE of a statement that would have waited for a lock longer than it may. */
export const LOCK_NOT_AVAILABLE = '55P03'
const PATIENCE_MS = 200

/**
 * Runs `work` in a transaction of its own that waits for no lock longer than 200 ms: what one leader does for
 * all must not stand still because one caller leaves its transaction open. Undefined: somebody held a lock, and nothing was done.
 */
export async function withoutWaiting<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T | undefined> {
  try {
    return await inTransaction(db, async (tx) => {
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${PATIENCE_MS}`)
      return work(tx)
    })
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error
    return undefined
  }
}

/** One statement: retried as below where it is a transaction of its own; a caller's gets the conflict passed on. */
export function retryOwnConflicts<T>(db: DbOrTx, run: () => Promise<T>): Promise<T> {
  return isClient(db) ? retryConflicts(run) : run()
}

/** One autonomous statement (the hot path), retried when PostgreSQL chose it as a deadlock's victim. */
export async function retryConflicts<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || !isSerializationConflict(error)) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}
