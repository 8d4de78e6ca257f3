import type { BulkAction } from '@/app/_trpc/types'

type Seen = Pick<BulkAction, 'id' | 'status'>

interface Look<B extends Seen> {
  /** Others' actions that were under way at the last look, and those that are now. */
  before: readonly B[]
  others: readonly B[]
  /** Ids of those that were begun here, and what is known of them. */
  started: readonly string[]
  mine: readonly B[]
  /** Ids of those whose end was noticed. */
  told: ReadonlySet<string>
}

/** Which actions have ended since the last look: also one that was over before it was ever seen under way. */
export function endedOf<B extends Seen>({ before, others, started, mine, told }: Look<B>): B[] {
  const gone = before.filter(({ id }) => !started.includes(id) && !others.some((other) => other.id === id))
  const over = mine.filter(({ status }) => status !== 'RUNNING')
  return [...gone, ...over].filter(({ id }) => !told.has(id))
}
