import { EngineError } from './errors'

// Names of people, organizations and things: how they are tidied and checked.

/**
 * Characters that names may not hold, because two names could look alike and still differ, or one could be read as
 * another: controls, invisible ones (zero-width, bidirectional, soft hyphens, tags, variation selectors, fillers), line
 * and paragraph separators, ones without a glyph in any font (private, unassigned, half a pair), and the blank of
 * Braille.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u2800]/u
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu')
/** At least one character that is visible by itself. An accent alone is not. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u

/** The most characters in a name, where no other limit is given. */
export const MAX_NAME = 100

/**
 * A name as it is stored: composed (NFC), with every run of spaces made one, and none at its ends. It is for names of
 * people, organizations, API keys and job types (rule 2).
 */
export const tidyName = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '')

/** What is wrong with a tidied name, as "must …". The caller puts the field's name before it. Null when it is right. */
export function nameProblem(name: string, max = MAX_NAME): string | null {
  const unseen = UNSEEN.exec(name)?.[0]
  if (unseen !== undefined) {
    const code = unseen.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    return `must hold no control, bidirectional, zero-width or other unseen character: U+${code} is one. Type the name anew instead of pasting it`
  }
  if (name.length > max) return `must have at most ${max} characters`
  return SEEN.test(name) ? null : 'must not be empty'
}

/**
 * Tidies a name that somebody gives, or refuses it.
 *
 * @param path the field that the refusal names
 * @throws EngineError INVALID_INPUT
 */
export function requireName(name: string, path: string, max = MAX_NAME): string {
  const tidied = tidyName(name)
  const problem = nameProblem(tidied, max)
  if (problem === null) return tidied
  throw new EngineError('INVALID_INPUT', `The input does not fit: ${path} ${problem}`, {
    fields: [{ path, message: problem }],
  })
}

/**
 * A name that nobody is there to correct, such as one that an OIDC provider sends. It is cut to the longest length, and
 * characters that names may not hold are removed. Null where nothing is left.
 */
export function cleanedName(name: string | null | undefined, max = MAX_NAME): string | null {
  if (!name) return null
  const cleaned = tidyName(
    tidyName(name.toWellFormed().replace(/[\t\n\r\u2028\u2029]/g, ' ')).replace(ALL_UNSEEN, ''),
  ).slice(0, max)
  const whole = tidyName(cleaned.replace(/[\ud800-\udbff]$/, ''))
  return SEEN.test(whole) ? whole : null
}
