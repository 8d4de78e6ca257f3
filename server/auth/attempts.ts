import { createHash } from 'node:crypto'
import type { Db } from '@/server/db'
import { lockCounters, takeBackFailure, writeCounters } from '@/server/engine'
import { decide, type Kind } from './throttle'

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
    const { counters: before, now } = await lockCounters(tx, [...keys.values()])
    const { retryAfterSeconds, counters } = decide(
      Object.fromEntries([...keys].map(([kind, key]) => [kind, before.get(key)])),
      now,
    )
    await writeCounters(
      tx,
      [...keys].flatMap(([kind, key]) => (counters[kind] ? [{ key, ...counters[kind] }] : [])),
    )
    return retryAfterSeconds
  })
  if (retryAfterSeconds !== null) return { retryAfterSeconds }
  // Of the wider counters it takes back this try only, or an attacker with an account of his own would clear them.
  return { retryAfterSeconds, succeed: () => takeBackFailure(db, [...keys.values()], keys.get('place')!) }
}

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

/** What is counted of a try; the place always, the rest only where no known device vouches for it. */
function keysOf(attempt: Attempt): ReadonlyMap<Kind, string> {
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
