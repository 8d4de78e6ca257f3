import type { DbOrTx } from '@/server/db'
import type { OrganizationStatus } from '@/server/generated/prisma/enums'
import { median, outlierOf, type OutlierMark } from '../../domain/outliers'
import type { QueueName } from '../../domain/types'
import { liveSlots } from '../live-workers'
import { decodeCursor, pageOf, type Page } from './cursor'
import { outcomesOf, type PlatformRange } from './platform-outcomes'
import { presentOf } from './platform-present'

/** How one organization does beside the others. */
export interface PlatformRow {
  organizationId: string
  name: string
  slug: string
  status: OrganizationStatus
  paused: boolean
  /** Jobs that could run now, apart from what holds them back, and jobs that run. */
  waiting: number
  running: number
  unfinished: number
  /** Null is no limit. */
  maxUnfinished: number | null
  /** The share of that limit which is used. Null without a limit. */
  quotaUse: number | null
  /** Its slots in the queue where it holds most, compared with its fair share. Null where it has nothing to run. */
  slots: { queue: QueueName; held: number; fairShare: number } | null
  /** Seconds. Null where nothing was measured. */
  waitP95: number | null
  /** Attempts that ended in the range. */
  completed: number
  failed: number
  /** Null where none ended. */
  failureRate: number | null
  /** Why it stands before others. Empty where all is well. */
  outliers: OutlierMark[]
}

export const PLATFORM_SORTS = ['outliers', 'load', 'wait', 'failures', 'quota', 'name'] as const
export type PlatformSort = (typeof PLATFORM_SORTS)[number]
export type { PlatformRange }

/**
 * Every organization that is not deleted, with its figures of this moment and of a range, page by page. For system
 * admins. The order is found among all of them at each call, so the cursor is a place in it: an organization that
 * moves meanwhile may come twice or not at all.
 *
 * @param search only organizations whose name or short name has this in it
 * @param maxAgeMs how old, in milliseconds, figures may be that this process has found before. With 0 they are found anew
 */
export async function platformPage(
  db: DbOrTx,
  {
    range,
    sort,
    search,
    cursor,
    limit,
    maxAgeMs = 0,
  }: {
    range: PlatformRange
    sort: PlatformSort
    search?: string
    cursor?: string
    limit: number
    maxAgeMs?: number
  },
): Promise<Page<PlatformRow> & { total: number }> {
  const first = Number(decodeCursor(cursor, /^[0-9]{1,7}$/) ?? 0)
  const word = search?.trim().toLowerCase()
  const rows = (await recentRows(db, range, maxAgeMs))
    .filter(({ name, slug }) => !word || name.toLowerCase().includes(word) || slug.includes(word))
    .sort(ORDERS[sort])
  const page = pageOf(
    rows.slice(first, first + limit + 1),
    limit,
    (_, { length }) => String(first + length),
    ({ score: _, ...row }) => row,
  )
  return { ...page, total: rows.length }
}

type Ranked = PlatformRow & { score: number }
const falling =
  (of: (row: Ranked) => number) =>
  (a: Ranked, b: Ranked): number =>
    of(b) - of(a)
const byName = (a: Ranked, b: Ranked) => (a.slug < b.slug ? -1 : 1)
const orderBy =
  (...orders: ((a: Ranked, b: Ranked) => number)[]) =>
  (a: Ranked, b: Ranked): number => {
    for (const order of orders) {
      const result = order(a, b)
      if (result !== 0) return result
    }
    return 0
  }
const byLoad = falling(({ running, waiting }) => running + waiting)
const ORDERS: Record<PlatformSort, (a: Ranked, b: Ranked) => number> = {
  outliers: orderBy(
    falling(({ score }) => score),
    byLoad,
    byName,
  ),
  load: orderBy(byLoad, byName),
  wait: orderBy(
    falling(({ waitP95 }) => waitP95 ?? -1),
    byName,
  ),
  failures: orderBy(
    falling(({ failureRate }) => failureRate ?? -1),
    falling(({ failed }) => failed),
    byName,
  ),
  quota: orderBy(
    falling(({ quotaUse }) => quotaUse ?? -1),
    byLoad,
    byName,
  ),
  name: byName,
}

interface Found {
  at: number
  rows: Ranked[]
}
interface Latest {
  found?: Found
  /** New figures are being found. */
  coming?: Promise<Found>
}
/** The latest figures of this process, by range. */
const latestFigures = new WeakMap<object, Map<PlatformRange, Latest>>()

/**
 * Figures of all organizations, at most so old. With 10,000 organizations they take about half a second to find, so
 * several who look share them. Figures younger than a third of that age are simply given again. Older ones, up to that
 * age, are given as well, while newer ones are found behind.
 */
async function recentRows(db: DbOrTx, range: PlatformRange, maxAgeMs: number): Promise<Ranked[]> {
  if (maxAgeMs === 0) return platformRows(db, range)
  const ranges = latestFigures.get(db) ?? new Map<PlatformRange, Latest>()
  latestFigures.set(db, ranges)
  const one = ranges.get(range) ?? {}
  ranges.set(range, one)
  const age = one.found ? performance.now() - one.found.at : Infinity
  if (age <= maxAgeMs / 3) return one.found!.rows
  one.coming ??= findRows(db, range, one)
  if (age > maxAgeMs) return (await one.coming).rows
  // What fails behind is asked for again by the next call, which tells of it.
  one.coming.catch(() => undefined)
  return one.found!.rows
}

async function findRows(db: DbOrTx, range: PlatformRange, one: Latest): Promise<Found> {
  const at = performance.now()
  try {
    return (one.found = { at, rows: await platformRows(db, range) })
  } finally {
    one.coming = undefined
  }
}

async function platformRows(db: DbOrTx, range: PlatformRange): Promise<Ranked[]> {
  const [organizations, slots, outcomes] = await Promise.all([presentOf(db), liveSlots(db), outcomesOf(db, range)])
  const queues = ['ISOLATED', 'INLINE'] as const
  const active = (queue: QueueName) => organizations.filter((row) => row.held[queue] + row.due[queue] > 0).length
  const withDue = (queue: QueueName) => organizations.filter((row) => row.due[queue] > 0).length
  const share = { ISOLATED: slots.ISOLATED / active('ISOLATED'), INLINE: slots.INLINE / active('INLINE') }
  const contested = { ISOLATED: withDue('ISOLATED'), INLINE: withDue('INLINE') }
  const medianWait = median([...outcomes.values()].flatMap(({ waitP95 }) => waitP95 ?? []))
  return organizations.map(({ held, due, ...row }) => {
    const { completed = 0, failed = 0, waitP95 = null } = outcomes.get(row.organizationId) ?? {}
    const waiting = due.ISOLATED + due.INLINE
    const quotaUse =
      row.maxUnfinished === null
        ? null
        : row.unfinished === 0
          ? 0
          : row.maxUnfinished === 0
            ? 1
            : row.unfinished / row.maxUnfinished
    const failureRate = completed + failed > 0 ? failed / (completed + failed) : null
    const has = queues
      .filter((queue) => held[queue] + due[queue] > 0)
      .map((queue) => ({ queue, held: held[queue], fairShare: share[queue] }))
      .sort((a, b) => b.held / b.fairShare - a.held / a.fairShare)[0]
    // More than the fair share takes nothing from anybody while nobody else waits in that queue.
    const disputed = has && contested[has.queue] - (due[has.queue] > 0 ? 1 : 0) > 0
    const { score, marks } = outlierOf(
      {
        waiting,
        quotaUse,
        outcomes: completed + failed,
        failureRate,
        waitP95,
        ofShare: disputed && has.fairShare > 0 ? has.held / has.fairShare : null,
        held: row.paused || row.status !== 'ACTIVE',
      },
      medianWait,
    )
    return {
      ...row,
      waiting,
      quotaUse,
      slots: has ?? null,
      waitP95,
      completed,
      failed,
      failureRate,
      outliers: marks,
      score,
    }
  })
}
