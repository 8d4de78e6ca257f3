import { applyEvents, type LiveJob } from '@/app/_trpc/live'
import type { WatchEvent } from '@/app/_trpc/types'

/**
 * A list whose rows stay in place while their content is always the latest. The rows and their order are fixed when the
 * reader opens or refreshes the list. Jobs that have arrived since wait in `fresh`.
 */
export interface LiveList<J extends LiveJob> {
  /**
   * The question that the list answers. An answer to another question replaces the list. With an empty key, any answer
   * does.
   */
  key: string
  ids: readonly string[]
  rows: ReadonlyMap<string, J>
  /** The ids of the server's latest answer, in its order. */
  fresh: readonly string[]
  /** The latest answer holds everything, so no further page follows. */
  complete: boolean
}

export const emptyList = <J extends LiveJob>(): LiveList<J> => ({
  key: '',
  ids: [],
  rows: new Map(),
  fresh: [],
  complete: false,
})

type Action<J> =
  /** The server has answered the question `key`. */
  | { type: 'answer'; key: string; items: readonly J[]; complete: boolean }
  /** Events tell what has happened to jobs. */
  | { type: 'events'; events: readonly WatchEvent[] }
  /** Single jobs were read. */
  | { type: 'told'; jobs: readonly LiveJob[] }
  /** The reader wants to see the latest answer. */
  | { type: 'adopt' }
  /** Jobs were deleted, so the next answer replaces the list. */
  | { type: 'renew' }

/** The list after something has happened. Events and single jobs that change no row give the same object back. */
export function reduceList<J extends LiveJob>(list: LiveList<J>, action: Action<J>): LiveList<J> {
  switch (action.type) {
    case 'answer': {
      const fresh = action.items.map((job) => job.id)
      const answered = new Map(action.items.map((job) => [job.id, job]))
      // The list is empty or answers another question. It can be replaced without moving anything that somebody reads.
      if (action.key !== list.key || list.ids.length === 0)
        return { key: action.key, ids: fresh, rows: answered, fresh, complete: action.complete }
      // Only rows that are shown, or may be shown next, are kept. Otherwise a page left open would collect every job.
      return { ...list, rows: new Map([...pick(list.rows, list.ids), ...answered]), fresh, complete: action.complete }
    }
    case 'events': {
      let rows: Map<string, J> | undefined
      for (const id of new Set(action.events.map((event) => event.jobId))) {
        const job = id ? list.rows.get(id) : undefined
        if (!job) continue
        const next = applyEvents(job, action.events)
        if (next !== job) (rows ??= new Map(list.rows)).set(next.id, next)
      }
      return rows ? { ...list, rows } : list
    }
    case 'told': {
      // These jobs were read one by one. A row keeps the fields that only a list has.
      const told = action.jobs.flatMap((job) => {
        const row = list.rows.get(job.id)
        return row ? [[job.id, { ...row, ...job }] as const] : []
      })
      return told.length > 0 ? { ...list, rows: new Map([...list.rows, ...told]) } : list
    }
    case 'adopt':
      return { ...list, ids: list.fresh, rows: pick(list.rows, list.fresh) }
    case 'renew':
      // No event tells about deleted jobs. An answer alone cannot tell whether a job left the filter or was deleted.
      return { ...list, key: '' }
  }
}

function pick<J>(rows: ReadonlyMap<string, J>, ids: readonly string[]): Map<string, J> {
  const picked = new Map<string, J>()
  for (const id of ids) {
    const row = rows.get(id)
    if (row) picked.set(id, row)
  }
  return picked
}

/** The rows in the order in which they are shown. */
export const shownRows = <J extends LiveJob>(list: LiveList<J>): J[] =>
  list.ids.flatMap((id) => list.rows.get(id) ?? [])

/**
 * How many new jobs belong above or between the rows that are shown. Ids rise with time. A job older than the last row
 * is not new. It only moved up because others left the filter, and the next page has it anyway.
 */
export function countNew<J extends LiveJob>(list: LiveList<J>): number {
  const shown = new Set(list.ids)
  const last = list.ids.at(-1)
  return list.fresh.filter((id) => !shown.has(id) && (last === undefined || id > last)).length
}

/**
 * The rows that no longer belong to the answer. Their jobs no longer match the filter, or were deleted. A job older
 * than the end of the latest answer may only have moved to the next page, so it does not count.
 */
export function rowsThatLeft<J extends LiveJob>({ ids, fresh, complete }: LiveList<J>): ReadonlySet<string> {
  const answered = new Set(fresh)
  const last = fresh.at(-1)
  return new Set(ids.filter((id) => !answered.has(id) && (complete || (last !== undefined && id > last))))
}
