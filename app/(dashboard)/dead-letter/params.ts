import { parseAsBoolean, parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs'

export const SORTS = ['count', 'lastSeen'] as const

/** What the page shows, as it stands in the URL. */
export const parsers = {
  sort: parseAsStringLiteral(SORTS).withDefault('count'),
  /** Only causes that were first seen within the last 24 hours: what the figure of that name counts. */
  new: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  /** The fingerprint whose drawer is open. */
  cause: parseAsString,
  /** Of this job type alone; absent: of all that died of it. */
  of: parseAsString,
  /** The organization of the cause, where the page shows all of them. */
  at: parseAsString,
}
export type Params = inferParserType<typeof parsers>
