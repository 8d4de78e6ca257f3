import { parseAsBoolean, parseAsIsoDateTime, parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs'
import type { Inputs } from '@/app/_trpc/types'

// What the address of the audit page says: filter, time and page.

export const SINCE = ['24h', '7d', '30d'] as const
export const SINCE_LABEL: Record<(typeof SINCE)[number], string> = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}
const HOURS: Record<(typeof SINCE)[number], number> = { '24h': 24, '7d': 168, '30d': 720 }
/** The start of a range moves in whole minutes, so that the page does not send a new filter at each render. */
const MINUTE = 60_000

/** What the page shows, as the URL holds it. */
export const parsers = {
  /** The id of a person or of an API key. */
  person: parseAsString,
  action: parseAsString,
  kind: parseAsString,
  object: parseAsString,
  since: parseAsStringLiteral(SINCE),
  after: parseAsIsoDateTime,
  before: parseAsIsoDateTime,
  /** Only entries that belong to no organization. It is used where the page shows all organizations. */
  platform: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  /** The id of the entry whose drawer is open. */
  entry: parseAsString,
}
export type Params = inferParserType<typeof parsers>

/** Removes every filter. The page of the list is removed too, because it belongs to the filter. */
export const CLEAR = {
  person: null,
  action: null,
  kind: null,
  object: null,
  since: null,
  after: null,
  before: null,
  platform: null,
  cursor: null,
} as const

export const isFiltered = ({ person, action, kind, object, since, after, before, platform }: Params): boolean =>
  [person, action, kind, object, since, after, before].some((value) => value !== null) || platform

/** Turns the filters into the input of `audit.list`. Where there are both `since` and two times, `since` counts. */
export function toInput(
  { person, action, kind, object, since, after, before, platform }: Params,
  organizationId: string | undefined,
  now: number,
): Exclude<Inputs['audit']['list'], void> {
  const from = since ? new Date(Math.floor(now / MINUTE) * MINUTE - HOURS[since] * 3_600_000) : after
  return {
    ...(organizationId ? { organizationId } : platform ? { organizationId: null } : {}),
    ...(person ? { actorId: person } : {}),
    ...(action ? { action } : {}),
    ...(kind ? { targetType: kind } : {}),
    ...(object ? { targetId: object } : {}),
    ...(from ? { after: from.toISOString() } : {}),
    ...(before && !since ? { before: before.toISOString() } : {}),
  }
}
