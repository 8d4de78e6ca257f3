import { EngineError } from './errors'

/**
 * What no name holds, since two names that look alike could differ by it, or one be read as another: controls, whatever is
 * invisible by its nature (zero-width, bidirectional, soft hyphens, tags, variation selectors, fillers), line and
 * paragraph separators, what no font knows (private, unassigned, half a pair), and the blank of Braille.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u2800]/u
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu')
/** At least one character that is seen by itself; an accent alone is not. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u

/** The most characters of a name that says nothing else. */
export const MAX_NAME = 100

/**
 * A name as it is kept: composed (NFC), every run of spaces as one, none at its ends. It is for names
 * of people, organizations, API keys and job types (rule 2).
 */
export const tidyName = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '')

/** What is wrong with a tidied name, or null: "must …", for whoever names the field. */
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
 * A name that somebody gives, tidied.
 *
 * @param path the field that is named where it is refused
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
 * A name that comes in where nobody could mend it (an OIDC provider says it): without what no name holds,
 * and not too long. Null where nothing is left.
 */
export function cleanedName(name: string | null | undefined, max = MAX_NAME): string | null {
  if (!name) return null
  const cleaned = tidyName(
    tidyName(name.toWellFormed().replace(/[\t\n\r\u2028\u2029]/g, ' ')).replace(ALL_UNSEEN, ''),
  ).slice(0, max)
  const whole = tidyName(cleaned.replace(/[\ud800-\udbff]$/, ''))
  return SEEN.test(whole) ? whole : null
}
