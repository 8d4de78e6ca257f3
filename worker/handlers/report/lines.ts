import createBidi from 'bidi-js'
import { lettersOf, widthOf, type FontName, type Letter } from './fonts'

// Breaks text into lines and puts the letters of each into the order in which they stand on paper. pdfmake would break
// lines itself, but it knows no right-to-left text, makes a column wider than the page for a word that does not fit,
// and breaks names within a word.

/** A piece of text that one font can write. */
export interface Run {
  text: string
  font: FontName
}

export interface Line {
  /** From left to right. */
  runs: Run[]
}

export interface Lines {
  lines: Line[]
  /** True where the text begins with a letter that is read from right to left, so that its lines end on the right. */
  rightToLeft: boolean
}

/** A letter with its place in Unicode's order of reading. */
interface LeveledLetter extends Letter {
  /** Odd where it is read from right to left (Unicode's bidirectional algorithm). */
  level: number
}
type Style = { fontSize: number; bold?: boolean }

const bidi = createBidi()

/** Breaks a text into lines that are no wider than `width` points. */
export function linesOf(text: string, width: number, { fontSize, bold = false }: Style): Lines {
  const letters = lettersOf(text)
  const written = letters.map((letter) => letter.text).join('')
  const { levels, paragraphs } = bidi.getEmbeddingLevels(written)
  let at = 0
  const leveled = letters.map((letter): LeveledLetter => {
    const level = levels[at] ?? 0
    at += letter.text.length
    return { ...letter, level }
  })
  const measure = (piece: readonly LeveledLetter[]) => {
    return runsOf(piece).reduce((sum, { text, font }) => sum + widthOf(text, font, { fontSize, bold }), 0)
  }
  const lines = wrapped(leveled, width, measure).map((line) => ({ runs: runsOf(line) }))
  return { lines, rightToLeft: (paragraphs[0]?.level ?? 0) % 2 === 1 }
}

type Measure = (piece: readonly LeveledLetter[]) => number
/** Where a line may end after a letter: first between words, then within a long name, then anywhere. */
const BREAKS: ((letter: LeveledLetter, next: LeveledLetter) => boolean)[] = [
  (letter, next) => isSpace(letter) || (isCjk(letter) !== isCjk(next) && !isClosing(next)) || betweenCjk(letter, next),
  (letter) => /[-._/\\:,;?&=@)\]}]$/.test(letter.text),
  () => true,
]
const isSpace = ({ text }: LeveledLetter) => /^\s+$/.test(text)
/** A letter or sign of Chinese or Japanese, which are written without spaces. Korean has spaces. */
const isCjk = ({ text }: LeveledLetter) =>
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u.test(text)
const isClosing = ({ text }: LeveledLetter) => /^[\p{Pe}\p{Pf}、。，．,.!?！？：；:;ー…]/u.test(text)
const isOpening = ({ text }: LeveledLetter) => /^[\p{Ps}\p{Pi}]/u.test(text)
const betweenCjk = (letter: LeveledLetter, next: LeveledLetter) =>
  isCjk(letter) && isCjk(next) && !isClosing(next) && !isOpening(letter)

function wrapped(letters: readonly LeveledLetter[], width: number, measure: Measure): LeveledLetter[][] {
  const lines: LeveledLetter[][] = [[]]
  let used = 0
  const put = (piece: readonly LeveledLetter[], size: number) => {
    lines.at(-1)!.push(...piece)
    used += size
  }
  /** Puts a piece that was cut by BREAKS[cutBy] on this line, on the next, or in smaller pieces on both. */
  const fit = (piece: readonly LeveledLetter[], cutBy: number) => {
    const size = measure(piece)
    // A space at the end of a line does not count.
    if (used + (isSpace(piece.at(-1)!) ? measure(withoutSpace(piece)) : size) <= width) return put(piece, size)
    const further = BREAKS[cutBy + 1] && piece.length > 1
    if (further && size > width) {
      for (const part of piecesOf(piece, BREAKS[cutBy + 1]!)) fit(part, cutBy + 1)
      return
    }
    if (used > 0) lines.push([])
    used = 0
    put(piece, size)
  }
  for (const piece of piecesOf(letters, BREAKS[0]!)) fit(piece, 0)
  return lines.map(withoutSpace)
}

function piecesOf(
  letters: readonly LeveledLetter[],
  mayEnd: (letter: LeveledLetter, next: LeveledLetter) => boolean,
): LeveledLetter[][] {
  const pieces: LeveledLetter[][] = []
  let begin = 0
  letters.forEach((letter, at) => {
    const next = letters[at + 1]
    if (next && !mayEnd(letter, next)) return
    pieces.push(letters.slice(begin, at + 1))
    begin = at + 1
  })
  return pieces
}

function withoutSpace(letters: readonly LeveledLetter[]): LeveledLetter[] {
  const end = letters.findLastIndex((letter) => !isSpace(letter))
  return letters.slice(0, end + 1)
}

/** Fonts that turn the letters of a word around themselves. They get the letters in the order in which it is spoken. */
const TURNS = new Set<FontName>(['Arabic', 'Hebrew'])

function runsOf(letters: readonly LeveledLetter[]): Run[] {
  const runs: (Run & { turned: boolean })[] = []
  for (const { text, font, level } of inOrder(letters)) {
    const backward = level % 2 === 1
    const turned = backward && TURNS.has(font)
    const shown = backward && !turned ? (bidi.getMirroredCharacter(text) ?? text) : text
    const last = runs.at(-1)
    if (last?.font !== font || last.turned !== turned) runs.push({ text: shown, font, turned })
    else last.text = turned ? shown + last.text : last.text + shown
  }
  return runs.map(({ text, font }) => ({ text, font }))
}

/**
 * The letters of one line from left to right: each stretch of a level and above is turned around, the highest first.
 */
function inOrder(letters: readonly LeveledLetter[]): LeveledLetter[] {
  const line = [...letters]
  const highest = line.reduce((most, { level }) => Math.max(most, level), 0)
  for (let level = highest; level > 0; level--)
    for (let from = 0; from < line.length; from++) {
      if (line[from]!.level < level) continue
      let to = from
      while (to < line.length && line[to]!.level >= level) to++
      line.splice(from, to - from, ...line.slice(from, to).reverse())
      from = to
    }
  return line
}
