import type { ApiKey } from '@/app/_trpc/types'

const DAY = 86_400_000
/** After this many days without use, somebody should ask whether the key is still needed. */
export const UNUSED_DAYS = 90
/** Keys that end within this time are marked, because renewing a key takes some days. */
const SOON = 14 * DAY

export type KeyState = 'live' | 'expired' | 'revoked'

/**
 * The state of a key at a time.
 * @param now in milliseconds since 1970
 */
export function keyState({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number): KeyState {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= now ? 'expired' : 'live'
}

export const isUnused = ({ unusedForDays }: Pick<ApiKey, 'unusedForDays'>) => unusedForDays >= UNUSED_DAYS

/** True where a live key ends within 14 days. */
export const endsSoon = (key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number) =>
  key.expiresAt !== null && keyState(key, now) === 'live' && Date.parse(key.expiresAt) - now < SOON

export const VIEWS = ['live', 'unused', 'ended'] as const
export type View = (typeof VIEWS)[number]

/** True where a view of the list shows this key. */
export function inView(key: ApiKey, view: View, now: number): boolean {
  const live = keyState(key, now) === 'live'
  if (view === 'ended') return !live
  return live && (view === 'live' || isUnused(key))
}

/** The lifetimes that a new key can have. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'No expiry' },
] as const
export type Lifetime = (typeof LIFETIMES)[number]['value']

/** When a key that is made now will end. Null for a key that never ends. */
export const expiryOf = (lifetime: Lifetime, now: number): string | null =>
  lifetime === 'never' ? null : new Date(now + Number(lifetime) * DAY).toISOString()
