import type { DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'
import { reasonEndsAt, waitingReasons } from '../../domain/waiting-reasons'
import type { WaitingCode } from '../../domain/waiting-codes'
import { openParents, readWaiters } from './explain'
import { missingHandlers, surroundingsOf } from './waiting-facts'
import { lineOf, readFirstInLine } from './waiting-groups'

/** Why a job waits, as a list shows it: the first reason of `jobs.explain`, and when it ends by itself. */
export interface RowReason {
  code: WaitingCode
  message: string
  /** ISO 8601. Null where it does not end by itself. */
  until: string | null
}

/** A row names one parent. `jobs.explain` names more. */
const PARENTS_OF_A_ROW = 1

/**
 * The first reason of each of these jobs that waits, with a fixed number of statements for all of them. How many jobs
 * come first is not counted.
 */
export async function reasonsOfRows(
  db: DbOrTx,
  jobIds: readonly string[],
  scope: Scope,
): Promise<Map<string, RowReason>> {
  const waiters = jobIds.length === 0 ? [] : await readWaiters(db, jobIds, scope)
  if (waiters.length === 0) return new Map()
  const children = waiters.filter(({ parents }) => parents > 0).map(({ id }) => id)
  // `parents` are, by child, the names of parents. Of a waiter they are a number.
  const [surroundings, parents] = await Promise.all([
    missingHandlers(db).then((missing) => surroundingsOf(db, waiters, missing)),
    children.length > 0 ? openParents(db, children, PARENTS_OF_A_ROW) : new Map<string, never[]>(),
  ])
  const { now, factsOf, poolOf } = surroundings
  const inPool = waiters.map((waiter) => ({ ...waiter, pool: poolOf(waiter.jobType) }))
  const inLine = inPool.filter(({ status, dueAt, parents: open }) => status !== 'QUEUED' && open === 0 && dueAt <= now)
  const first = await readFirstInLine(db, inLine)
  return new Map(
    inPool.map((waiter): [string, RowReason] => {
      const next = first.get(lineOf(waiter))
      // `next` is undefined where the job stands in no line, or no job of its line takes its turn now. Then none comes
      // first. Null: other jobs come first, and nobody has counted them.
      const before = { jobs: next === undefined || next.id === waiter.id ? 0 : null, capped: false }
      const reason = waitingReasons(factsOf({ ...waiter, namedParents: parents.get(waiter.id) }, before))[0]!
      return [waiter.id, { code: reason.code, message: reason.message, until: reasonEndsAt(reason) }]
    }),
  )
}
