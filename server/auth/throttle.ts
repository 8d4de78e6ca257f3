import type { SignInCounter as Counter } from '@/server/engine'

// How long the next try of a sign-in has to wait after failed ones. `decide` is pure: it takes counters and a time, and
// gives a decision and counters (docs/decisions/0024). attempts.ts reads and writes them.

interface Limit {
  /** How many failures cost no waiting. */
  free: number
  /** The longest wait in seconds after one failure. */
  cap: number
}

/**
 * `place`: one account from one address, or from one device that it has signed in on before. `account`: one account
 * from anywhere unknown. `address`: one address, whichever accounts it tries.
 */
export type Kind = 'place' | 'account' | 'address'
export const LIMITS: Record<Kind, Limit> = {
  place: { free: 5, cap: 300 },
  account: { free: 20, cap: 300 },
  address: { free: 100, cap: 60 },
}

/** Milliseconds without a try, after which all failures are forgotten. */
export const FORGET_MS = 60 * 60_000
/** Milliseconds within which a place that has waited for its turn must take it. */
const TURN_MS = 10 * 60_000

export type Counters = Partial<Record<Kind, Counter>>

/**
 * Seconds to wait, or null where the try may go on. Then it counts as failed until the password is known to be right.
 */
export interface Decision {
  retryAfterSeconds: number | null
  counters: Counters
}

/**
 * Decides about one try.
 *
 * A place and an address wait from their last try: 1, 2, 4 … seconds, up to their cap. While many places attack one
 * account, each place waits before each try and is then let in for certain. So an attacker cannot use up the turn of
 * the person whose account it is.
 */
export function decide(counters: Counters, now: Date): Decision {
  const place = counterOrFresh(counters.place, now)
  const account = counters.account && counterOrFresh(counters.account, now)
  const address = counters.address && counterOrFresh(counters.address, now)

  const waits = [remaining(place, 'place', now), address ? remaining(address, 'address', now) : 0]
  // From when this place may take its turn at the attacked account. Null where it has not asked for one.
  let admittedFrom = place.admittedFrom
  const accountWait = account ? waitFor(account.failures, 'account') : 0
  if (accountWait > 0) {
    const missed = admittedFrom !== null && now.getTime() - admittedFrom.getTime() > TURN_MS
    if (admittedFrom === null || missed) admittedFrom = new Date(now.getTime() + accountWait)
    waits.push(admittedFrom.getTime() - now.getTime())
  }

  const wait = Math.max(...waits)
  if (wait > 0) return { retryAfterSeconds: Math.ceil(wait / 1000), counters: { place: { ...place, admittedFrom } } }
  const counted = (counter: Counter): Counter => ({ failures: counter.failures + 1, lastAt: now, admittedFrom: null })
  return {
    retryAfterSeconds: null,
    counters: {
      place: counted(place),
      ...(account && { account: counted(account) }),
      ...(address && { address: counted(address) }),
    },
  }
}

/** How many milliseconds the next try has to wait after this many failures. */
function waitFor(failures: number, kind: Kind): number {
  const { free, cap } = LIMITS[kind]
  return failures < free ? 0 : 1000 * Math.min(cap, 2 ** Math.min(30, failures - free))
}

function remaining({ failures, lastAt }: Counter, kind: Kind, now: Date): number {
  const wait = waitFor(failures, kind)
  return wait === 0 ? 0 : Math.max(0, lastAt.getTime() + wait - now.getTime())
}

function counterOrFresh(counter: Counter | undefined, now: Date): Counter {
  const forgotten = !counter || now.getTime() - counter.lastAt.getTime() > FORGET_MS
  return forgotten ? { failures: 0, lastAt: now, admittedFrom: null } : counter
}
