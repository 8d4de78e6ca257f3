import { parseAsBoolean, parseAsString, parseAsStringLiteral, type inferParserType } from 'nuqs'

// What the address of the dead letter page says: order, filter, page and the open drawer.

export const SORTS = ['count', 'lastSeen'] as const

/** What the page shows, as the URL holds it. */
export const parsers = {
  sort: parseAsStringLiteral(SORTS).withDefault('count'),
  /** Shows only causes that were first seen within the last 24 hours. The figure of new causes counts the same ones. */
  new: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  /** The fingerprint of the cause whose drawer is open. */
  cause: parseAsString,
  /** The job type of the open cause. Without it, the drawer covers the jobs of all types. */
  of: parseAsString,
  /** The job of the open cause that is tried before the others. */
  tried: parseAsString,
  /** The organization of the open cause, where the page shows all organizations. */
  at: parseAsString,
}
export type Params = inferParserType<typeof parsers>
