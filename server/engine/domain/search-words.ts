import type { Json } from './types'

/**
 * The words by which a job is found, and those that a search asks for: one cutter for both, so that what
 * somebody copies from a job is found as it is.
 *
 * A word is a run of letters and digits, whatever stands between: the parts of a path, an address or a
 * compound are words of their own. Case and accents make no difference. Of `customerOrderId` the parts
 * are words too, each with what follows it, since the beginning of a word is enough to find it.
 */

/** Letters of a word that count: nobody types more, and an index has a limit. */
const MAX_WORD = 64
/** Words of one job: beyond them it is a file, which nobody looks for by a word in its middle. */
const MAX_WORDS = 20_000
const MAX_HUMPS = 8

const RUN = /[\p{L}\p{N}\p{M}]+/gu
const HUMP = /(?<=[\p{Ll}\p{N}])(?=\p{Lu}\p{Ll}{2})/gu
const ASCII = /^[\0-\x7f]*$/

/** Each word of some texts once, in the order in which they come. */
export function wordsOf(texts: Iterable<string>): string[] {
  const words = new Set<string>()
  for (const text of texts) {
    for (const [run] of text.matchAll(RUN)) {
      if (words.size >= MAX_WORDS) return [...words]
      words.add(folded(run))
      if (run.length <= MAX_WORD) for (const hump of humps(run)) words.add(folded(hump))
    }
  }
  words.delete('')
  return [...words]
}

/** The words of which each must begin one of a job's. Empty: nothing can be found by it. */
export function askedWords(search: string): string[] {
  const words = [...new Set(Array.from(search.matchAll(RUN), ([run]) => folded(run)))].filter((word) => word !== '')
  // Whoever has the longer word has its beginning.
  return words.filter((word) => !words.some((other) => other !== word && other.startsWith(word)))
}

/** Strings, numbers and truth values, however deep; names of fields are no content. */
export function* textsIn(value: Json): Generator<string> {
  if (value === null) return
  if (typeof value !== 'object') yield String(value)
  else for (const inner of Array.isArray(value) ? value : Object.values(value)) yield* textsIn(inner)
}

function folded(word: string): string {
  const lower = word.slice(0, 4 * MAX_WORD).toLowerCase()
  if (ASCII.test(lower)) return lower.slice(0, MAX_WORD)
  const plain = lower.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').normalize('NFC').toLowerCase()
  // Compatibility forms may hold what is no letter: ½ is 1⁄2.
  return [...plain.replace(/[^\p{L}\p{N}\p{M}]/gu, '')].slice(0, MAX_WORD).join('')
}

function humps(run: string): string[] {
  return Array.from(run.matchAll(HUMP), ({ index }) => run.slice(index)).slice(0, MAX_HUMPS)
}
