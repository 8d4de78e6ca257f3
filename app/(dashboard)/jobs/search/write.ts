import { reasonWord } from '@/app/_components/waiting/words'
import type { Question } from '../filters'
import { momentText } from './moments'
import { conditionOf, quoted } from './words'

/**
 * Writes the filters as a search. Reading a search is in another file (grammar.ts), whose code is loaded when somebody
 * goes into the field. Every visitor sees the search, but few change it by hand.
 */

/** The name of a status or a priority as a search writes it: DEAD_LETTER becomes `dead-letter`. */
export const slugOf = (name: string) => name.toLowerCase().replaceAll('_', '-')

const list = (names: readonly string[]) => (names.length > 0 ? [names.join(',')] : [])
const text = (value: string | null) => (value ? [value] : [])

/** The values after `created:`, `ended:` or `failed:`. */
const time = (since: string | null, after: Date | null, before: Date | null) => [
  ...(after ? [`>${momentText(after)}`] : text(since)),
  ...(before ? [`<${momentText(before)}`] : []),
]

/**
 * How each condition with a keyword is written. An empty list means that the filter is not set. `KEYWORDS`
 * (keywords.ts) reads them.
 */
export const WRITTEN = {
  status: ({ status }) => list(status.map(slugOf)),
  type: ({ type }) => list(type),
  priority: ({ priority }) => list(priority.map(slugOf)),
  title: ({ title }) => text(title).map((words) => quoted(words.trim().replace(/\s+/g, ' '))),
  waiting: ({ waiting }) => text(waiting).map((span) => `>${span}`),
  why: ({ waitingFor }) => list(waitingFor.map(reasonWord)),
  created: ({ since, after, before }) => time(since, after, before),
  ended: ({ endedSince, endedAfter, endedBefore }) => time(endedSince, endedAfter, endedBefore),
  failed: ({ failedSince, failedAfter, failedBefore }) => time(failedSince, failedAfter, failedBefore),
  by: ({ mine, by }) => (mine ? ['me'] : text(by)),
  cause: ({ cause }) => text(cause).map(quoted),
  'rerun-of': ({ rerunOf }) => text(rerunOf),
  schedule: ({ schedule }) => text(schedule),
  bulk: ({ bulk }) => text(bulk),
  request: ({ request }) => text(request),
} satisfies Record<string, (question: Question) => string[]>
export type Key = keyof typeof WRITTEN

export const isKey = (key: string): key is Key => Object.hasOwn(WRITTEN, key)

/** The words of a search, conditions first. */
export function searchWords(question: Question): string[] {
  return [
    ...Object.entries(WRITTEN).flatMap(([key, write]) => write(question).map((value) => `${key}:${value}`)),
    ...question.arg,
    ...question.q
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => (isFree(word) ? word : JSON.stringify(word))),
  ]
}

export const searchText = (question: Question) => searchWords(question).join(' ')

/** True where a word needs no quotation marks to be searched for as it is. */
const isFree = (word: string) => !word.includes('"') && conditionOf(word) === null && bareKeyOf(word) === undefined

/** The keyword of a word that has no value, such as `status:`. */
export function bareKeyOf(word: string): Key | undefined {
  const key = word.endsWith(':') ? word.slice(0, -1).toLowerCase() : ''
  return isKey(key) ? key : undefined
}
