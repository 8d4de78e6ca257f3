/**
 * A place in the stream of events: the history row (store/reads/events.ts) up to which, and with which,
 * everything has been handed out.
 */
export interface EventPlace {
  xid: bigint
  id: bigint
}

/** A place as a viewer keeps it. */
export interface EventCursor extends EventPlace {
  /** When it was handed out, in seconds since 1970: what was removed since is missed by nobody who asks soon enough. */
  at: number
}

/** True where `a` comes after `b`. */
export const isAfter = (a: EventPlace, b: EventPlace): boolean => a.xid > b.xid || (a.xid === b.xid && a.id > b.id)

/** `xid-id-at`; progress adds a number of its own, which a resume ignores: it has no place in history. */
export function formatCursor({ xid, id }: EventPlace, at: number, progress?: number): string {
  return `${xid}-${id}-${at}${progress === undefined ? '' : `~${progress}`}`
}

/** Null for text that no event had as its id. */
export function parseCursor(text: string): EventCursor | null {
  const match = /^(\d{1,18})-(\d{1,18})-(\d{1,12})(?:~\d{1,16})?$/.exec(text)
  if (!match) return null
  const [xid, id, at] = match.slice(1, 4) as [string, string, string]
  return { xid: BigInt(xid), id: BigInt(id), at: Number(at) }
}
