import { EngineError } from '../../domain/errors'
import { MAX_PAGE_BYTES } from '../../domain/limits'

// Lists page by page. A cursor says where the next page begins.

/** One page and the cursor of the next one, which is null on the last page. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** Makes a cursor from the key of a page's last row. What is in it is no business of callers, and may change. */
export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url')

/**
 * The key that a cursor was made from. Undefined where there is no cursor, for the first page.
 *
 * @param shape the form of keys of this list
 * @param isPossible refuses keys that have the right form and are impossible all the same, such as the 30th of February
 * @throws EngineError INVALID_INPUT for a cursor that did not come from a list of this kind
 */
export function decodeCursor(
  cursor: string | undefined,
  shape: RegExp,
  isPossible: (key: string) => boolean = () => true,
): string | undefined {
  if (cursor === undefined) return undefined
  const key = Buffer.from(cursor, 'base64url').toString()
  if (shape.test(key) && isPossible(key)) return key
  throw new EngineError(
    'INVALID_INPUT',
    'The cursor does not belong to this list. Send the nextCursor of an earlier page, or none for the first page.',
    {
      fields: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
    },
  )
}

/**
 * Makes a page of at most `limit` items from rows that were read with `limit + 1`. It has at most `MAX_PAGE_BYTES`,
 * unless its only item is larger.
 *
 * @param keyOf gives the key of the page's last row. It also gets all rows of the page
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

/** Bytes of an item as JSON. */
export const jsonBytes = (item: unknown): number => Buffer.byteLength(JSON.stringify(item) ?? '')
