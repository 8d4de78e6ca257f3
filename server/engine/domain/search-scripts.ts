// Scripts that put no space between words. Of these a search looks for every part, not only for how a word begins.

/** Each two characters of these say as much as a short word. Lucene's analyzer for CJK takes two, too. */
const PAIRS = '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\uac00-\\ud7a3'
/** These write sounds, so that two characters are in nearly every text. */
const TRIPLES = '\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}'

const UNSPACED = new RegExp(`[${PAIRS}${TRIPLES}]`, 'u')
const STRETCH = new RegExp(`([${PAIRS}]+|[${TRIPLES}]+)`, 'gu')
const OF_PAIRS = new RegExp(`^[${PAIRS}]`, 'u')

/** Whether a text holds a character of a script that puts no space between words. */
export const isUnspaced = (text: string): boolean => UNSPACED.test(text)

/** The parts of a run of letters: stretches of one kind of script, in their order. */
export const stretchesOf = (run: string): string[] => run.split(STRETCH).filter((part) => part !== '')

/**
 * The pieces under which a stretch is kept: two or three characters from each of its places on, fewer at its end. Every
 * part of the stretch begins at one of these places.
 */
export function piecesAt(stretch: string): string[] {
  const characters = [...stretch]
  return characters.map((_, n) => characters.slice(n, n + sizeOf(stretch)).join(''))
}

/** The pieces by which a stretch is looked for: those that are whole. A shorter stretch is one piece. */
export function piecesAsked(stretch: string): string[] {
  const pieces = piecesAt(stretch)
  return pieces.slice(0, Math.max(1, pieces.length - sizeOf(stretch) + 1))
}

const sizeOf = (stretch: string) => (OF_PAIRS.test(stretch) ? 2 : 3)

/** Letters that a search has at least. Two characters are a word in a script without spaces. */
const LEAST = 3

/** Whether a search says enough to be looked for. */
export const isLongEnough = (search: string): boolean =>
  search.length >= LEAST || (search.length >= 2 && isUnspaced(search))
