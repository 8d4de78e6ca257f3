import type { JobFilterInput } from '@/app/_trpc/types'
import { fromFilter } from '../search/from-filter'
import { readSearch } from '../search/grammar'
import { searchText } from '../search/write'
import type { Question } from '../filters'

/** What a saved view shows. */
export interface View {
  question: Question
  /** Keys of its columns. Null: it says nothing of them. */
  columns: string[] | null
  /** What of it this page cannot show. */
  left: string[]
}

/** A view as the dashboard keeps it: the search as text, so that "the last 24 hours" stays that, and its columns. */
export const viewQuery = (question: Question, columns: string[]) => ({ search: searchText(question), columns })

/** Reads a saved view: one of the dashboard, or one that a program made with a filter of the API. */
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
    // The filter of a program may hold what no filter of the API does.
    return { question: readSearch('').question, columns: named, left: ['filter'] }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
