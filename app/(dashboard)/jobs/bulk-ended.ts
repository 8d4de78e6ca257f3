import type { BulkAction } from '@/app/_trpc/types'

type Seen = Pick<BulkAction, 'id' | 'status'>

interface Look<B extends Seen> {
  /** The actions of other people: those that ran at the last look (`before`), and those that run now (`others`). */
  before: readonly B[]
  others: readonly B[]
  /** The ids of actions that were started here (`started`), and what is known about them (`mine`). */
  started: readonly string[]
  mine: readonly B[]
  /** The ids of actions whose end was already reported. */
  told: ReadonlySet<string>
}

/** The actions that have ended since the last look. One that was never seen running counts, too. */
export function endedOf<B extends Seen>({ before, others, started, mine, told }: Look<B>): B[] {
  const gone = before.filter(({ id }) => !started.includes(id) && !others.some((other) => other.id === id))
  const over = mine.filter(({ status }) => status !== 'RUNNING')
  return [...gone, ...over].filter(({ id }) => !told.has(id))
}
