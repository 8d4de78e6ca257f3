import { parseAsString, parseAsStringLiteral } from 'nuqs'

export const RANGES = ['1h', '24h'] as const
export const SORTS = ['outliers', 'load', 'wait', 'failures', 'quota', 'name'] as const

/** What the address of the platform page says: time, order, search and page. */
export const parsers = {
  range: parseAsStringLiteral(RANGES).withDefault('1h'),
  sort: parseAsStringLiteral(SORTS).withDefault('outliers'),
  q: parseAsString.withDefault(''),
  cursor: parseAsString,
}
