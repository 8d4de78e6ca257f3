import { createHash } from 'node:crypto'
import type { Db } from '@/server/db'
import { lockCounters, takeBackFailure, writeCounters } from '@/server/engine'
import { decide, type Kind } from './throttle'

// Counts failed sign-ins, so that guessing passwords takes too long to be worth it.

/**
 * One try to sign in: where it comes from and which account it is for. Where no address is known, that part is not
 * counted.
 */
export interface Attempt {
  /** The account as it was typed, in lower case. It may not exist. */
  account: string
  address: string | null
  /**
   * The device, where this account has signed in on it before. It has a counter of its own, and is not slowed down by
   * attacks on the account.
   */
  deviceId: string | null
}

export type Taken =
  | { retryAfterSeconds: number; succeed?: undefined }
  /**
   * The try may go on, and counts as failed for now. `succeed` takes that back, with the earlier failures of this
   * place.
   */
  | { retryAfterSeconds: null; succeed: () => Promise<void> }

/**
 * Takes one try, or says how long to wait. One transaction locks the counters in the order of their keys. The try is
 * counted before the password is checked. So several processes together allow no more tries than one would.
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
  // The counter of the place is reset. From the wider counters only this try is taken back. Otherwise an attacker with
  // an account of his own could clear them.
  return { retryAfterSeconds, succeed: () => takeBackFailure(db, [...keys.values()], keys.get('place')!) }
}

const running = new Map<string, Promise<unknown>>()

/**
 * Runs tries from the same place one after another in this process. Without it, right passwords that arrive at once,
 * for example from a script that signs in twenty times, would count as twenty failures for a moment.
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

/** The counters of a try. The place always counts. Account and address count only where the device is not known. */
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

/**
 * What counts as one address: an IPv4 address itself, or the first 64 bits of an IPv6 address. A household has all
 * addresses of such a network. If they were counted one by one, it would always have another.
 */
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
