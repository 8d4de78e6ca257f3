/** A run of text as it is, or of characters that would not be seen, or would turn or hide others; `code` is the first of them. */
export type Part = string | { escape: string; code: string }

/**
 * Characters that show nothing of their own: controls but for tab and line break, whatever is invisible by its nature
 * (zero-width, bidirectional, soft hyphens, tags, variation selectors, fillers), line separators, and what no font
 * knows (private, unassigned, half a pair).
 */
const UNSEEN = String.raw`(?![\t\n])[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]`
/** Signs of Arabic, Syriac and Kaithi that enclose digits: they count as invisible, and are not. */
const SEEN = String.raw`[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]`
/** Letters that join, or conjoin: between two of them a joiner says how (Persian, Hindi, Sinhala, and their neighbours). */
const JOINING = String.raw`[\p{L}\p{M}](?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Adlm}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}])`
const VIRAMA = String.raw`[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]`
const PICTURE = String.raw`[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{RI}]`
/** Where an invisible character changes how its neighbours look, as it is there for: nothing is hidden by it. */
const IN_PLACE = [
  // Families and professions; black or coloured; a key with its digit.
  String.raw`(?<=${PICTURE}\ufe0f?)\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`,
  // The flags of England, Scotland and Wales.
  String.raw`(?<=\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  String.raw`(?<=${JOINING})[\u200c\u200d](?=${JOINING})`,
  String.raw`(?<=${VIRAMA})\u200d`,
  // One of several forms of the same Chinese character, or of a Mongolian letter.
  String.raw`(?<=\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]`,
]
const PATTERN = new RegExp(`(${SEEN}|${IN_PLACE.join('|')})|\\r(?=\\n)|(${UNSEEN})`, 'gu')
/** Of most texts nothing needs to be looked at. */
const PLAIN = /^[\t\n\x20-\x7e]*$/
const RIGHT_TO_LEFT = /[\p{scx=Arab}\p{scx=Hebr}\p{scx=Syrc}\p{scx=Thaa}\p{scx=Nkoo}\p{scx=Adlm}]/u

/** Text that somebody else wrote, in the parts that can be shown and those that must be written out. */
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
    // A thousand in a row are one part, or showing them would take long.
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

/** The same as one string, for where nothing but text fits: titles, labels, messages that pass by. */
export const visible = (text: string): string =>
  PLAIN.test(text)
    ? text
    : visibleParts(text)
        .map((part) => (typeof part === 'string' ? part : part.escape))
        .join('')

/** True where letters run from right to left, so that they would pull along what stands beside them. */
export const runsRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text)

/** The first characters of a text, never half a pair. */
export const cutText = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** JSON to read or edit: what would not be seen is written as JSON escapes, which mean the same. */
export const visibleJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(PATTERN, (all, _, unseen?: string) =>
    unseen === undefined
      ? all
      : Array.from(
          { length: unseen.length },
          (__, at) => `\\u${unseen.charCodeAt(at).toString(16).padStart(4, '0')}`,
        ).join(''),
  )
