import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { openSync, type Font } from 'fontkit'

// The fonts of a report. Roboto has the letters of most European languages. The others have those of names and messages
// in Chinese, Japanese, Korean, Arabic and Hebrew. Only the letters that a report shows are embedded in it.

const require = createRequire(import.meta.url)
const FILES = {
  Roboto: require.resolve('pdfmake/fonts/Roboto/Roboto-Regular.ttf'),
  Chinese: require.resolve('#report-fonts/noto-sans-sc.ttf'),
  Korean: require.resolve('#report-fonts/noto-sans-kr.ttf'),
  Arabic: require.resolve('#report-fonts/noto-sans-arabic.ttf'),
  Hebrew: require.resolve('#report-fonts/noto-sans-hebrew.ttf'),
}
type FontName = keyof typeof FILES
const NAMES = Object.keys(FILES) as FontName[]

/** All fonts as pdfmake takes them. */
export const FONTS = Object.fromEntries(
  NAMES.map((name) => {
    const normal = FILES[name]
    const bold = name === 'Roboto' ? require.resolve('pdfmake/fonts/Roboto/Roboto-Medium.ttf') : normal
    return [name, { normal, bold, italics: normal, bolditalics: bold }]
  }),
)

const FOLDERS = new Set(Object.values(FILES).map((file) => dirname(file)))
/** True for a file that a report may read. */
export const isFontFile = (path: string): boolean => FOLDERS.has(dirname(path))

/** A piece of text that one font can write. */
export interface Run {
  text: string
  font: FontName
}

/** What Roboto certainly has, so that most texts open no font to find out. */
const PLAIN = /^[\x20-\x7e\u00a0-\u017f\u2013\u2014\u2018-\u201d\u2026]*$/

/** Arrows stand in many messages, and in none of the fonts. */
const ARROWS: Record<string, string> = { '→': '->', '←': '<-', '⇒': '=>' }

/**
 * A text in pieces, each with a font that has its letters, in the order in which they stand on paper from left to
 * right. A letter that no font has is written as its code, such as `\u{1F600}`.
 */
export function runsOf(text: string): Run[] {
  if (PLAIN.test(text)) return [{ text, font: 'Roboto' }]
  text = text.replace(/[→←⇒]/g, (arrow) => ARROWS[arrow]!)
  const runs: Run[] = []
  for (const letter of inReadingOrder(text)) {
    const font = fontOf(letter)
    const written = font === null ? `\\u{${letter.codePointAt(0)!.toString(16).toUpperCase()}}` : letter
    const last = runs.at(-1)
    if (last?.font === (font ?? 'Roboto')) last.text += written
    else runs.push({ text: written, font: font ?? 'Roboto' })
  }
  return runs
}

const opened = new Map<FontName, Font>()

function fontOf(letter: string): FontName | null {
  const code = letter.codePointAt(0)!
  for (const name of NAMES) {
    let font = opened.get(name)
    if (!font) opened.set(name, (font = openSync(FILES[name]) as Font))
    if (font.hasGlyphForCodePoint(code)) return name
  }
  return null
}

/** Words of Arabic or Hebrew, with what stands between them. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}][^\s]*(?:\s+[\p{Script=Arabic}\p{Script=Hebrew}][^\s]*)+/gu

/**
 * The text with words that are read from right to left in the order in which they stand on a line. The letters of one
 * word are put in order by its font. Text of several lines begins at its last line: those are rare in a report.
 */
const inReadingOrder = (text: string): string =>
  text.replace(RIGHT_TO_LEFT, (words) => words.split(/(\s+)/).reverse().join(''))
