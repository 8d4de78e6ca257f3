import type { Db, Tx } from '@/server/db'

// Stores the counters of failed sign-ins.

/**
 * The failed sign-ins of one account, of one address, or of one account from one place. What they cost is decided in
 * server/auth/throttle.ts.
 */
export interface SignInCounter {
  /** A try counts as failed from before its password is checked. */
  failures: number
  /** When the last password was tried. */
  lastAt: Date
  /** From when on this place may try an account that is under attack. Null where it need not wait for that. */
  admittedFrom: Date | null
}

/**
 * The counters with these keys (SHA-256, hex). Missing ones are made. All stay locked until the transaction ends: that
 * is what the update is for, which changes nothing. It also returns PostgreSQL's time at which the last was locked.
 */
export async function lockCounters(
  tx: Tx,
  keys: readonly string[],
): Promise<{ counters: Map<string, SignInCounter>; now: Date }> {
  const rows = await tx.$queryRaw<(SignInCounter & { key: string; now: Date })[]>`
    INSERT INTO sign_in_attempts AS a (key, failures, last_at)
    SELECT decode(key, 'hex'), 0, clock_timestamp() FROM unnest(${inLockOrder(keys)}::text[]) WITH ORDINALITY AS given(key, place) ORDER BY place
    ON CONFLICT (key) DO UPDATE SET failures = a.failures
    RETURNING encode(a.key, 'hex') AS key, a.failures, a.last_at AS "lastAt", a.admitted_from AS "admittedFrom", clock_timestamp() AS now`
  return {
    counters: new Map(rows.map((row) => [row.key, row])),
    now: new Date(Math.max(...rows.map((row) => row.now.getTime()))),
  }
}

/** Writes counters that were locked by `lockCounters`. */
export async function writeCounters(tx: Tx, changed: readonly (SignInCounter & { key: string })[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE sign_in_attempts a SET failures = c.failures, last_at = c."lastAt", admitted_from = c."admittedFrom"
    FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS c(key text, failures int, "lastAt" timestamptz, "admittedFrom" timestamptz)
    WHERE a.key = decode(c.key, 'hex')`
}

/**
 * Called when the password was right. The try was counted as failed in every counter of `keys`, so one failure is taken
 * from each. The counter `cleared`, one of `keys`, is set to no failures.
 */
export async function takeBackFailure(db: Db, keys: readonly string[], cleared: string): Promise<void> {
  await db.$executeRaw`
    WITH held AS (
      SELECT a.key FROM sign_in_attempts a WHERE a.key IN (SELECT decode(key, 'hex') FROM unnest(${inLockOrder(keys)}::text[]) AS given(key))
      ORDER BY a.key FOR UPDATE)
    UPDATE sign_in_attempts a SET failures = CASE WHEN a.key = decode(${cleared}, 'hex') THEN 0 ELSE greatest(0, a.failures - 1) END
    FROM held WHERE a.key = held.key`
}

/** Everybody locks counters in this order, so that two transactions never wait for each other. */
const inLockOrder = (keys: readonly string[]): string[] => [...keys].sort()
