import type { Db, Tx } from '@/server/db'

// Stores the counters of failed sign-ins.

/** How many wrong passwords were tried in one respect, for example for one account from one address. */
export interface SignInCounter {
  failures: number
  /** When the last password was tried. */
  lastAt: Date
  /** When this address may try again, for an account that is under attack. */
  admittedFrom: Date | null
}

/**
 * The counters with these keys (SHA-256, hex). Missing ones are made. All stay locked until the transaction ends. It
 * also returns PostgreSQL's time at which the last of them was locked.
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

/** Sets the counter `cleared` to no failures, and takes one failure from each of the others. */
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
