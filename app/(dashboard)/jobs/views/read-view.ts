import type { JobFilterInput } from '@/app/_trpc/types'
import { fromFilter } from '../search/from-filter'
import { readSearch } from '../search/grammar'
import { searchText } from '../search/write'
import type { Question } from '../filters'

/** What a saved view shows. */
export interface View {
  question: Question
  /** The keys of its columns. Null where the view does not name any. */
  columns: string[] | null
  /** The parts of the view that this page cannot show. */
  left: string[]
}

/**
 * A view in the form in which the dashboard saves it. The search is saved as text, so that "the last 24 hours" always
 * means the last 24 hours.
 */
export const viewQuery = (question: Question, columns: string[]) => ({ search: searchText(question), columns })

/** Reads a saved view that was made by the dashboard, or by a program with a filter of the API. */
export function readView(query: unknown, userId: string | null): View {
  const { search, filter, columns } = isObject(query) ? query : {}
  const named = Array.isArray(columns) ? columns.filter((one): one is string => typeof one === 'string') : null
  if (typeof search === 'string') {
    const { question, problems } = readSearch(search)
    return { question, columns: named, left: problems.map(({ word }) => word) }
  }
  try {
    return { ...fromFilter((isObject(filter) ? filter : {}) as JobFilterInput, userId), columns: named }
  } catch {
    // A program may save anything as a filter, even what the API would refuse.
    return { question: readSearch('').question, columns: named, left: ['filter'] }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
