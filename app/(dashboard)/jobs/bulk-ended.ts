import type { BulkAction } from '@/app/_trpc/types'

type WithStatus = Pick<BulkAction, 'id' | 'status'>

/** What the page knew at its last render, and what it knows now. */
interface Look<B extends WithStatus> {
  /** Actions that were not started on this page: those that ran then (`before`), and those that run now (`others`). */
  before: readonly B[]
  others: readonly B[]
  /** The ids of actions that were started here (`started`), and what is known about them (`mine`). */
  started: readonly string[]
  mine: readonly B[]
  /** The ids of actions whose end was already reported. */
  reported: ReadonlySet<string>
}

/**
 * The actions that have ended since the last render. One that was never seen running counts, too. The page reads its list
 * of jobs again where there are any.
 */
export function endedOf<B extends WithStatus>({ before, others, started, mine, reported }: Look<B>): B[] {
  const gone = before.filter(({ id }) => !started.includes(id) && !others.some((other) => other.id === id))
  const over = mine.filter(({ status }) => status !== 'RUNNING')
  return [...gone, ...over].filter(({ id }) => !reported.has(id))
}
