import { isUnspaced, piecesAsked, piecesAt, stretchesOf } from './search-scripts'
import type { Json } from './types'

// Cuts titles, parameters and errors into the words by which jobs are found.

/**
 * The words by which a job is found, and those that a search asks for: one cutter for both, so that what somebody
 * copies from a job is found as it is.
 *
 * A word is a run of letters and digits, whatever stands between: the parts of a path, an address or a compound are
 * words of their own. Case and accents make no difference. Of `customerOrderId` and `ABC123DEF` the parts are words
 * too, each with what follows it, since the beginning of a word is enough to find it. Chinese, Japanese, Korean, Thai,
 * Lao, Khmer and Burmese are cut into pieces of two or three characters (search-scripts.ts).
 */

/**
 * The version of the cutter. It goes up when jobs are cut into other words than before. The leader then cuts the earlier
 * jobs anew (actions/upkeep/index-jobs.ts).
 */
export const CUT = 3

/** Letters of a word that count: nobody types more, and an index has a limit. */
const MAX_WORD = 64
/** Words of one job: beyond them it is a file, which nobody looks for by a word in its middle. */
const MAX_WORDS = 20_000
/**
 * Bytes of all words of one job. PostgreSQL keeps 1 MiB at most, of which the characters before each word
 * (store/reads/search.ts) and the words of the error take a part.
 */
const MAX_BYTES = 600_000
/** The most parts of one run that are words of their own. */
const MAX_HUMPS = 8

const RUN = /[\p{L}\p{N}\p{M}]+/gu
/** Before a capital with two small letters after it, as in `customerOrderId` before `Ord`. */
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu}\p{Ll}{2})/gu
/** Between letters and digits. */
const CHANGE = /(?<=\p{L}\p{M}*)(?=\p{N})|(?<=\p{N})(?=\p{L})/gu
/** A run that changes more often than that is a random id, of whose parts nobody thinks. */
const MOST_CHANGES = 4
const ASCII = /^[\0-\x7f]*$/

/** Each word of some texts once, in the order in which they come. */
export function wordsOf(texts: Iterable<string>): string[] {
  const words = new Set<string>()
  let bytes = 0
  const add = (word: string) => {
    if (word === '' || words.has(word)) return
    words.add(word)
    // In UTF-8, a code unit takes three bytes at most.
    bytes += ASCII.test(word) ? word.length : 3 * word.length
  }
  for (const text of texts) {
    for (const [run] of text.matchAll(RUN)) {
      for (const word of isUnspaced(run) ? wordsOfMixed(run) : wordsOfRun(run)) {
        if (words.size >= MAX_WORDS || bytes >= MAX_BYTES) return [...words]
        add(word)
      }
    }
  }
  return [...words]
}

/** The words that a search asks for. A job is found where each begins one of its words. Empty: the search finds nothing. */
export function askedWords(search: string): string[] {
  const runs = Array.from(search.matchAll(RUN), ([run]) => run)
  const words = [...new Set(runs.flatMap(askedOfRun))].filter((word) => word !== '')
  // Whoever has the longer word has its beginning.
  return words.filter((word) => !words.some((other) => other !== word && other.startsWith(word)))
}

/** The strings, numbers and truth values in a value, however deep. Names of fields are left out: they are no content. */
export function* textsIn(value: Json): Generator<string> {
  // What is left to look at, the next one last: nesting of any depth costs the same.
  const left: Json[] = [value]
  while (left.length > 0) {
    const next = left.pop()!
    if (next === null) continue
    if (typeof next !== 'object') yield String(next)
    else for (const inner of (Array.isArray(next) ? next : Object.values(next)).toReversed()) left.push(inner)
  }
}

const wordsOfRun = (run: string): string[] => [
  foldedWord(run),
  ...(run.length <= MAX_WORD ? camelCaseParts(run).map((hump) => foldedWord(hump)) : []),
]

/** The words of a run that holds characters of a script without spaces. */
const wordsOfMixed = (run: string): string[] =>
  stretchesOf(run).flatMap((part) => (isUnspaced(part) ? piecesAt(withoutAccents(part)) : wordsOfRun(part)))

function askedOfRun(run: string): string[] {
  if (!isUnspaced(run)) return [foldedWord(run)]
  return stretchesOf(run).flatMap((part) => (isUnspaced(part) ? piecesAsked(withoutAccents(part)) : [foldedWord(part)]))
}

function foldedWord(word: string): string {
  // Cut before it is folded, so that a huge run costs little. Folding may shorten it, so more than MAX_WORD is kept.
  const lower = word.slice(0, 4 * MAX_WORD).toLowerCase()
  if (ASCII.test(lower)) return lower.slice(0, MAX_WORD)
  return [...withoutAccents(lower)].slice(0, MAX_WORD).join('')
}

/** Without case, accents and compatibility forms. */
function withoutAccents(text: string): string {
  const letters = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    // In capitals it is SS.
    .replaceAll('ß', 'ss')
  // Compatibility forms may hold what is no letter: ½ is 1⁄2.
  return letters.replace(/[^\p{L}\p{N}\p{M}]/gu, '')
}

/** The parts of a run, each with all that follows it. */
function camelCaseParts(run: string): string[] {
  const changes = Array.from(run.matchAll(CHANGE), ({ index }) => index)
  const inWords = Array.from(run.matchAll(HUMP), ({ index }) => index)
  const places = new Set([...inWords, ...(changes.length > MOST_CHANGES ? [] : changes)])
  return [...places].slice(0, MAX_HUMPS).map((index) => run.slice(index))
}
