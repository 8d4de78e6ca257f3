/**
 * A run of text that can be shown as it is, or a run of characters that are invisible or would turn or hide others.
 * `code` names the first of these.
 */
export type Part = string | { escape: string; code: string }

/**
 * Characters that are invisible by themselves: controls other than tab and line break, zero-width and bidirectional
 * characters, soft hyphens, tags, variation selectors, fillers, line separators, the empty Braille sign, and characters
 * without a glyph in any font (private, unassigned, half a pair). `DI` are those that Unicode lets a font leave out.
 */
const UNSEEN = String.raw`(?![\t\n])[\u2800\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]`
/**
 * Signs of Arabic, Syriac and Kaithi that enclose digits. Unicode counts them as format characters, but they are
 * visible.
 */
const SEEN = String.raw`[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]`
/**
 * A letter or mark of one of the scripts in which a joiner between two letters changes how they look (Persian, Hindi,
 * Sinhala, and similar ones). The group `(?<=…)` looks at the same character again: it must be a letter or mark, and of
 * one of these scripts.
 */
const JOINING = String.raw`[\p{L}\p{M}](?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Adlm}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}])`
/** Signs of Indian scripts that take the vowel from a letter. */
const VIRAMA = String.raw`[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]`
/** Emoji, their skin tones, and the letters of flags. */
const PICTURE = String.raw`[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{RI}]`
/** Places where an invisible character only changes how its neighbours look, as it should. It hides nothing there. */
const IN_PLACE = [
  // Pictures joined from several, such as families and professions.
  String.raw`(?<=${PICTURE}\ufe0f?)\u200d(?=\p{Extended_Pictographic})`,
  // The sign that shows a picture in black or in colour, or makes a key of a digit.
  String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`,
  // The flags of England, Scotland and Wales.
  String.raw`(?<=\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  // A joiner between two letters, and one after a sign that takes the vowel.
  String.raw`(?<=${JOINING})[\u200c\u200d](?=${JOINING})`,
  String.raw`(?<=${VIRAMA})\u200d`,
  // A variant of a Chinese character or of a Mongolian letter.
  String.raw`(?<=\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]`,
]
/**
 * What may stay comes first: it consumes invisible characters that are in their place, and line ends of Windows, before
 * the second group can take them for hidden ones.
 */
const PATTERN = new RegExp(`(${SEEN}|${IN_PLACE.join('|')})|\\r(?=\\n)|(${UNSEEN})`, 'gu')
/** Most texts have only these characters, and need no further look. */
const PLAIN = /^[\t\n\x20-\x7e]*$/
const RIGHT_TO_LEFT = /[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}\p{scx=Thaa}\p{scx=Nkoo}\p{scx=Adlm}]/u

/** Splits text that somebody else wrote into parts that can be shown and parts that must be written out. */
export function visibleParts(text: string): Part[] {
  if (PLAIN.test(text)) return text === '' ? [] : [text]
  const parts: Part[] = []
  let from = 0
  for (const match of text.matchAll(PATTERN)) {
    const unseen = match[2]
    if (unseen === undefined) continue
    const hex = unseen.codePointAt(0)!.toString(16).padStart(4, '0')
    const escape = hex.length > 4 ? `\\u{${hex}}` : `\\u${hex}`
    const before = parts.at(-1)
    // A run of a thousand such characters becomes one part. As a thousand parts it would take long to show.
    if (match.index === from && typeof before === 'object') before.escape += escape
    else {
      if (match.index > from) parts.push(text.slice(from, match.index))
      parts.push({ escape, code: `U+${hex.toUpperCase()}` })
    }
    from = match.index + unseen.length
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

/** The visible parts as one string, for places that hold only text: titles, labels and messages. */
export const visible = (text: string): string =>
  PLAIN.test(text)
    ? text
    : visibleParts(text)
        .map((part) => (typeof part === 'string' ? part : part.escape))
        .join('')

/**
 * True where at least one letter belongs to a script that runs from right to left. It would pull the text beside it into
 * that direction.
 */
export const runsRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text)

/** The first characters of a text. A character of two code units is never cut in half. */
export const cutText = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** JSON to read or to edit. Invisible characters are written as JSON escapes, which mean the same. */
export const visibleJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(PATTERN, (all, _, unseen?: string) =>
    unseen === undefined
      ? all
      : Array.from(
          { length: unseen.length },
          (__, at) => `\\u${unseen.charCodeAt(at).toString(16).padStart(4, '0')}`,
        ).join(''),
  )
