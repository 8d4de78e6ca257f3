import { reasonWord } from '@/app/_components/waiting/words'
import type { Question } from '../filters'
import { momentText } from './moments'
import { conditionOf, quoted } from './words'

/**
 * How a question is written as a search. It is apart from how one is read (grammar.ts), which is fetched when somebody
 * begins to type: every visit of the page shows what is asked, few change it by hand.
 */

export const slugOf = (name: string) => name.toLowerCase().replaceAll('_', '-')

const list = (names: readonly string[]) => (names.length > 0 ? [names.join(',')] : [])
const text = (value: string | null) => (value ? [value] : [])

/** What stands behind the word `created:` or `ended:`. */
const time = (since: string | null, after: Date | null, before: Date | null) => [
  ...(after ? [`>${momentText(after)}`] : text(since)),
  ...(before ? [`<${momentText(before)}`] : []),
]

/** The values of each condition with a key of its own. None: nothing is asked. `KEYWORDS` reads them. */
export const WRITTEN = {
  status: ({ status }) => list(status.map(slugOf)),
  type: ({ type }) => list(type),
  priority: ({ priority }) => list(priority.map(slugOf)),
  title: ({ title }) => text(title).map((words) => quoted(words.trim().replace(/\s+/g, ' '))),
  waiting: ({ waiting }) => text(waiting).map((span) => `>${span}`),
  why: ({ waitingFor }) => list(waitingFor.map(reasonWord)),
  created: ({ since, after, before }) => time(since, after, before),
  ended: ({ endedSince, endedAfter, endedBefore }) => time(endedSince, endedAfter, endedBefore),
  by: ({ mine, by }) => (mine ? ['me'] : text(by)),
  cause: ({ cause }) => text(cause).map(quoted),
  'rerun-of': ({ rerunOf }) => text(rerunOf),
  schedule: ({ schedule }) => text(schedule),
  bulk: ({ bulk }) => text(bulk),
  request: ({ request }) => text(request),
} satisfies Record<string, (question: Question) => string[]>
export type Key = keyof typeof WRITTEN

export const isKey = (key: string): key is Key => Object.hasOwn(WRITTEN, key)

/** The words of a question, conditions first. */
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

/** The word is looked for as it stands, without quotation marks. */
const isFree = (word: string) => !word.includes('"') && conditionOf(word) === null && bareKeyOf(word) === undefined

/** The key of a word that is nothing but `status:`. */
export function bareKeyOf(word: string): Key | undefined {
  const key = word.endsWith(':') ? word.slice(0, -1).toLowerCase() : ''
  return isKey(key) ? key : undefined
}
