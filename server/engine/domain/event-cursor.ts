/**
 * A place in the stream of events: the last history row (store/reads/events.ts) that has been handed out. All rows
 * before it have been handed out, too.
 */
export interface EventPlace {
  xid: bigint
  id: bigint
}

/** A place as viewers get it and send it back. */
export interface EventCursor extends EventPlace {
  /**
   * When it was handed out, in seconds since 1970. A viewer that comes back soon enough has missed no row that was
   * removed since.
   */
  at: number
}

/** True where `a` comes after `b`. */
export const isAfter = (a: EventPlace, b: EventPlace): boolean => a.xid > b.xid || (a.xid === b.xid && a.id > b.id)

/**
 * The text `xid-id-at`. An event of progress adds a number of its own. A resume ignores that number, because progress
 * is not in the history.
 */
export function formatCursor({ xid, id }: EventPlace, at: number, progress?: number): string {
  return `${xid}-${id}-${at}${progress === undefined ? '' : `~${progress}`}`
}

/** Null for text that does not have this form. */
export function parseCursor(text: string): EventCursor | null {
  const match = /^(\d{1,18})-(\d{1,18})-(\d{1,12})(?:~\d{1,16})?$/.exec(text)
  if (!match) return null
  const [xid, id, at] = match.slice(1, 4) as [string, string, string]
  return { xid: BigInt(xid), id: BigInt(id), at: Number(at) }
}
