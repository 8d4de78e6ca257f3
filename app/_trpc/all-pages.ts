interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** Reads all pages of a list, one after the other, and returns them as one list. */
export async function allPages<T>(read: (page: { cursor?: string }) => Promise<Page<T>>): Promise<Page<T>> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await read(cursor === null ? {} : { cursor })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return { items, nextCursor: null }
}
