import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { openSync, type Font } from 'fontkit'

// The fonts of a report. Roboto has the letters of most European languages. The others have those of names and messages
// in Chinese, Japanese, Korean, Arabic and Hebrew, and emoji. Only the letters that a report shows are embedded in it.

// `#report-fonts` is a folder that package.json names under `imports`.
const require = createRequire(import.meta.url)
const FILES = {
  Roboto: require.resolve('pdfmake/fonts/Roboto/Roboto-Regular.ttf'),
  Chinese: require.resolve('#report-fonts/noto-sans-sc.ttf'),
  Korean: require.resolve('#report-fonts/noto-sans-kr.ttf'),
  Arabic: require.resolve('#report-fonts/noto-sans-arabic.ttf'),
  Hebrew: require.resolve('#report-fonts/noto-sans-hebrew.ttf'),
  Emoji: require.resolve('#report-fonts/noto-emoji.ttf'),
}
const BOLD = require.resolve('pdfmake/fonts/Roboto/Roboto-Medium.ttf')
export type FontName = keyof typeof FILES
const NAMES = Object.keys(FILES) as FontName[]

/** All fonts as pdfmake takes them. */
export const FONTS = Object.fromEntries(
  NAMES.map((name) => {
    const normal = FILES[name]
    const bold = name === 'Roboto' ? BOLD : normal
    return [name, { normal, bold, italics: normal, bolditalics: bold }]
  }),
)

const FOLDERS = new Set(Object.values(FILES).map((file) => dirname(file)))
/** True for a file that a report may read. */
export const isFontFile = (path: string): boolean => FOLDERS.has(dirname(path))

/** What a reader takes for one letter: with its accents, or an emoji of several parts. */
export interface Letter {
  text: string
  font: FontName
}

/** What Roboto certainly has, so that most texts open no font to find out. */
const PLAIN = /^[\x20-\x7e\u00a0-\u017f\u2013\u2014\u2018-\u201d\u2026]*$/

/** Arrows stand in many messages, and in none of the fonts. */
const ARROWS: Record<string, string> = { '→': '->', '←': '<-', '⇒': '=>' }

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** They choose how the letter before them looks, or join two. */
const JOINERS = /[\u200d\ufe0e\ufe0f]/gu

/**
 * The letters of a text, each with a font that has it. A letter that no font has is written as its code, such as
 * `\u{E01}`.
 */
export function lettersOf(text: string): Letter[] {
  const plain = PLAIN.test(text)
  if (!plain) text = text.replace(/[→←⇒]/g, (arrow) => ARROWS[arrow]!)
  return [...letters.segment(text)].map(({ segment }) => {
    const font = plain ? 'Roboto' : fontOf(segment)
    return font ? { text: segment, font } : { text: codesOf(segment), font: 'Roboto' }
  })
}

/** How wide a text of one font is, in points. */
export function widthOf(text: string, font: FontName, { fontSize, bold }: { fontSize: number; bold: boolean }): number {
  const { width, unitsPerEm } = open(bold && font === 'Roboto' ? BOLD : FILES[font])
  return (width(text) * fontSize) / unitsPerEm
}

interface Opened {
  has: (code: number) => boolean
  /** In the units of the font, of which an em has `unitsPerEm`. */
  width: (text: string) => number
  unitsPerEm: number
}
const opened = new Map<string, Opened>()

function open(file: string): Opened {
  let known = opened.get(file)
  if (!known) {
    const font = openSync(file) as Font
    known = {
      has: (code) => font.hasGlyphForCodePoint(code),
      width: (text) => font.layout(text).advanceWidth,
      unitsPerEm: font.unitsPerEm,
    }
    opened.set(file, known)
  }
  return known
}

function fontOf(letter: string): FontName | null {
  const codes = codePointsOf(letter.replace(JOINERS, ''))
  const order = /\p{Emoji_Presentation}|\ufe0f/u.test(letter) ? (['Emoji', ...NAMES] as const) : NAMES
  return order.find((name) => codes.every((code) => open(FILES[name]).has(code))) ?? null
}

const codePointsOf = (text: string) => [...text].map((letter) => letter.codePointAt(0)!)

const codesOf = (letter: string) =>
  codePointsOf(letter.replace(JOINERS, ''))
    .map((code) => `\\u{${code.toString(16).toUpperCase()}}`)
    .join('')
