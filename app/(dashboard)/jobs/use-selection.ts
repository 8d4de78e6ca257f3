import { useMemo, useState } from 'react'
import { visible } from '@/server/engine/domain/visible'
import type { Job } from '@/app/_trpc/types'

/** What is ticked: single jobs, from any page of the list, or all that match. */
export interface Selection {
  jobs: ReadonlyMap<string, Job>
  all: boolean
}

export const NOTHING: Selection = { jobs: new Map(), all: false }

/** Ticks or unticks jobs. When somebody unticks a job of "all that match", the other jobs on the page stay ticked. */
export function ticked(selection: Selection, rows: readonly Job[], on: boolean, shown: readonly Job[]): Selection {
  const jobs = new Map(selection.all ? shown.map((job) => [job.id, job]) : selection.jobs)
  for (const job of rows) {
    if (on) jobs.set(job.id, job)
    else jobs.delete(job.id)
  }
  return { jobs, all: false }
}

/**
 * The same selection with the present state of the jobs on the page. Otherwise a dialog would describe their earlier
 * state.
 */
export function refreshed(selection: Selection, shown: readonly Job[]): Selection {
  if (selection.jobs.size === 0) return selection
  const now = new Map(shown.map((job) => [job.id, job]))
  return { ...selection, jobs: new Map([...selection.jobs].map(([id, job]) => [id, now.get(id) ?? job])) }
}

/**
 * The selection for one question (organization and filters). Another question begins without a selection.
 * @param shown the rows that are on the page.
 */
export function useSelection(question: string, shown: readonly Job[]) {
  const [state, setState] = useState({ question, selection: NOTHING })
  const kept = state.question === question ? state.selection : NOTHING
  const selection = useMemo(() => refreshed(kept, shown), [kept, shown])
  return useMemo(() => {
    const put = (next: Selection) => setState({ question, selection: next })
    return {
      selection,
      /** The part of the selection that the table needs. */
      rows: {
        has: (job: Job) => selection.all || selection.jobs.has(job.id),
        set: (rows: readonly Job[], on: boolean) => put(ticked(selection, rows, on, shown)),
        label: (job: Job) => `Select ${visible(job.title)}, ${job.id.slice(-8)}`,
      },
      selectAll: () => put({ jobs: new Map(), all: true }),
      clear: () => put(NOTHING),
    }
  }, [selection, question, shown])
}
