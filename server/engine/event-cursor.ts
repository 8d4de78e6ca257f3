/**
 * A place in the stream of events. History is read in batches of whole transactions, [from, to), and
 * within a batch by id; so a place is the batch and the last id that was delivered of it.
 */
export interface EventCursor {
  from: bigint
  to: bigint
  id: bigint
}

/** `from-to-id`; progress adds a counter, which a resume ignores: progress has no place of its own. */
export function formatCursor({ from, to, id }: EventCursor, progress?: number): string {
  return `${from}-${to}-${id}${progress === undefined ? '' : `~${progress}`}`
}

/** Null for text that no event had as its id. */
export function parseCursor(text: string): EventCursor | null {
  const match = /^(\d{1,18})-(\d{1,18})-(\d{1,18})(?:~\d{1,15})?$/.exec(text)
  if (!match) return null
  const [from, to, id] = match.slice(1, 4).map(BigInt) as [bigint, bigint, bigint]
  return from <= to ? { from, to, id } : null
}
