import { EngineError } from '../../domain/errors'
import { MAX_PAGE_BYTES } from '../../domain/limits'

/** One page, and where the next begins; null: there is none. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** The opaque form of a page's last key. */
export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url')

/** @throws EngineError INVALID_INPUT for a cursor that no list of this kind gave out. */
export function decodeCursor(
  cursor: string | undefined,
  shape: RegExp,
  isPossible: (key: string) => boolean = () => true,
): string | undefined {
  if (cursor === undefined) return undefined
  const key = Buffer.from(cursor, 'base64url').toString()
  if (shape.test(key) && isPossible(key)) return key
  throw new EngineError('INVALID_INPUT', 'The cursor is not one of this list.', {
    fields: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
  })
}

/**
 * Makes a page of at most `limit` out of rows read with `limit + 1`. It ends early before 4 MiB, but never without an item.
 *
 * @param keyOf the key of the page's last row; it is also given all rows of the page
 */
export function pageOf<Row, T>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row, page: Row[]) => string,
  view: (row: Row) => T,
): Page<T> {
  const items: T[] = []
  for (let bytes = 0; items.length < Math.min(rows.length, limit);) {
    const item = view(rows[items.length]!)
    bytes += jsonBytes(item)
    if (bytes > MAX_PAGE_BYTES && items.length > 0) break
    items.push(item)
  }
  const page = rows.slice(0, items.length)
  const last = page.at(-1)
  return {
    items,
    nextCursor: rows.length > items.length && last !== undefined ? encodeCursor(keyOf(last, page)) : null,
  }
}

/** How large something is in an answer. */
export const jsonBytes = (item: unknown): number => Buffer.byteLength(JSON.stringify(item) ?? '')
