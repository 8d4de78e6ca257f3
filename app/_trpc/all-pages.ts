interface Page {
  items: unknown[]
  nextCursor: string | null
}

/**
 * Reads all pages of a list, one after the other, and returns them as one list. Its other fields are those of the last
 * page.
 */
export async function allPages<P extends Page>(read: (page: { cursor?: string }) => Promise<P>): Promise<P> {
  const items: P['items'] = []
  for (let cursor: string | null = null; ;) {
    const page: P = await read(cursor === null ? {} : { cursor })
    items.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null) return { ...page, items }
  }
}
