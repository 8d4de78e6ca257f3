import { createHash } from 'node:crypto'
import type { Db } from '@/server/db'
import { decide, type Counter, type Kind } from './throttle'

/** Where a try comes from and what it is at. Without an address (nobody knows it) that part is not counted. */
export interface Attempt {
  /** The account as it was typed, in lower case; it need not exist. */
  account: string
  address: string | null
  /** The device, where this account signed in on it before: it has a counter of its own and feels no attack on the account. */
  deviceId: string | null
}

export type Taken =
  | { retryAfterSeconds: number; succeed?: undefined }
  /** It counts as failed from now on; `succeed` takes that back, and what this place failed before. */
  | { retryAfterSeconds: null; succeed: () => Promise<void> }

/**
 * Takes one try, or says how long to wait. In one transaction that locks the counters in key order, and
 * counted before the password is looked at: any number of processes together let in no more than one would.
 */
export async function takeAttempt(db: Db, attempt: Attempt): Promise<Taken> {
  const keys = keysOf(attempt)
  const retryAfterSeconds = await db.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<(Counter & { key: string; now: Date })[]>`
      INSERT INTO sign_in_attempts AS a (key, failures, last_at)
      SELECT decode(key, 'hex'), 0, clock_timestamp() FROM unnest(${inOrder(keys)}::text[]) WITH ORDINALITY AS given(key, place) ORDER BY place
      ON CONFLICT (key) DO UPDATE SET failures = a.failures
      RETURNING encode(a.key, 'hex') AS key, a.failures, a.last_at AS "lastAt", a.admitted_from AS "admittedFrom", clock_timestamp() AS now`
    // The last was locked when all were.
    const now = new Date(Math.max(...rows.map((row) => row.now.getTime())))
    const found = new Map(rows.map((row) => [row.key, row]))
    const kinds = [...keys]
    const { retryAfterSeconds, counters } = decide(
      Object.fromEntries(kinds.map(([kind, key]) => [kind, found.get(key)])),
      now,
    )
    const changed = kinds.flatMap(([kind, key]) => (counters[kind] ? [{ key, ...counters[kind] }] : []))
    await tx.$executeRaw`
      UPDATE sign_in_attempts a SET failures = c.failures, last_at = c."lastAt", admitted_from = c."admittedFrom"
      FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS c(key text, failures int, "lastAt" timestamptz, "admittedFrom" timestamptz)
      WHERE a.key = decode(c.key, 'hex')`
    return retryAfterSeconds
  })
  return retryAfterSeconds === null ? { retryAfterSeconds, succeed: () => giveBack(db, keys) } : { retryAfterSeconds }
}

/** The place is forgotten; of the wider counters only this try, or an attacker with an account would clear them. */
async function giveBack(db: Db, keys: ReadonlyMap<Kind, string>): Promise<void> {
  const place = keys.get('place') ?? ''
  await db.$executeRaw`
    WITH held AS (
      SELECT a.key FROM sign_in_attempts a WHERE a.key IN (SELECT decode(key, 'hex') FROM unnest(${inOrder(keys)}::text[]) AS given(key))
      ORDER BY a.key FOR UPDATE)
    UPDATE sign_in_attempts a SET failures = CASE WHEN a.key = decode(${place}, 'hex') THEN 0 ELSE greatest(0, a.failures - 1) END
    FROM held WHERE a.key = held.key`
}

/** Everybody locks in this order, so that two never wait for each other. */
const inOrder = (keys: ReadonlyMap<Kind, string>): string[] => [...keys.values()].sort()

const running = new Map<string, Promise<unknown>>()

/**
 * Runs what is for the same place one after another in this process. Right passwords that arrive at
 * once (a script that signs in twenty times) would otherwise count as twenty failures for a moment.
 */
export async function inTurn<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  const key = placeOf(attempt)
  const turn = (running.get(key) ?? Promise.resolve()).then(work, work)
  running.set(key, turn)
  try {
    return await turn
  } finally {
    if (running.get(key) === turn) running.delete(key)
  }
}

function keysOf(attempt: Attempt): Map<Kind, string> {
  const keys = new Map<Kind, string>([['place', hash(placeOf(attempt))]])
  if (attempt.deviceId !== null) return keys
  keys.set('account', hash(JSON.stringify(['account', attempt.account])))
  if (attempt.address !== null) keys.set('address', hash(JSON.stringify(['address', networkOf(attempt.address)])))
  return keys
}

const placeOf = ({ account, address, deviceId }: Attempt): string =>
  JSON.stringify(
    deviceId === null ? ['address', account, address && networkOf(address)] : ['device', account, deviceId],
  )

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A household has a whole /64 of IPv6: counted one by one, its addresses would never run out. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? before
      : [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
