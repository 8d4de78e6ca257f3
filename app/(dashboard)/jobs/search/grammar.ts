import { isLongEnough } from '@/server/engine/domain/search-scripts'
import { NO_QUESTION, type Question } from '../filters'
import { argumentWord, MOST_ARGUMENTS, readArgument } from './arguments'
import { isReserved, KEYWORDS, slipOf } from './keywords'
import { wordsIn } from './cut'
import { conditionOf, keyOf, unquoted } from './words'
import { bareKeyOf, isKey } from './write'

/**
 * The search as text: `status:failed type:report.* order.id:4711 "words of an error"`. `readSearch` turns it into the
 * page's filters, and `searchText` (write.ts) turns these back into text. So the field, the URL and the API always
 * agree.
 */

/** A word that cannot be read, with a message that tells how to correct it. */
export interface Problem {
  word: string
  message: string
}

/** The limit of the API, in characters. */
const LONGEST_SEARCH = 200

/** Reads a search. Words with a problem do not become part of the question. */
export function readSearch(text: string): { question: Question; problems: Problem[] } {
  const question: Question = { ...NO_QUESTION, status: [], type: [], priority: [], waitingFor: [], arg: [] }
  const problems: Problem[] = []
  const free: string[] = []
  for (const { text: word, open } of wordsIn(text)) {
    const message = open ? 'A quotation has no end. Put " behind its last word.' : take(word, question, free)
    if (message) problems.push({ word, message })
  }
  question.q = free.join(' ').replace(/\s+/g, ' ').trim()
  if (question.q.length > 0 && !isLongEnough(question.q))
    problems.push({ word: question.q, message: 'Words to look for have at least 3 letters together.' })
  if (question.q.length > LONGEST_SEARCH)
    problems.push({
      word: `${question.q.slice(0, 20)}…`,
      message: `Words to look for have at most ${LONGEST_SEARCH} letters together.`,
    })
  return { question, problems }
}

/**
 * Adds one word to the question, or to the words that are searched for. Returns a message where something is wrong with
 * it.
 */
function take(word: string, question: Question, free: string[]): string | undefined {
  const condition = conditionOf(word)
  if (!condition) {
    const key = bareKeyOf(word)
    if (key) return `${key}: needs a value. ${KEYWORDS[key].hint}.`
    free.push(unquoted(word) ?? word.replaceAll('"', ' '))
    return undefined
  }
  const { key, value, literal } = condition
  const known = key.toLowerCase()
  if (!literal && isKey(known)) return KEYWORDS[known].read(value, question)
  const meant = literal ? undefined : slipOf(key)
  if (meant) return `Did you mean ${meant}:? For a parameter of this name write ${keyOf(key, isReserved)}:${value}.`
  const argument = readArgument(word)
  if (typeof argument === 'string') return argument
  const written = argumentWord(argument, isReserved)
  if (!question.arg.includes(written)) question.arg.push(written)
  return question.arg.length > MOST_ARGUMENTS
    ? `At most ${MOST_ARGUMENTS} parameters can be asked for at once.`
    : undefined
}
