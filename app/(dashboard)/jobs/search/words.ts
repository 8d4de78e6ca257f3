import { pathOf, pathSteps } from '@/server/engine/domain/parameter-path'

/** How single values are written in a search, and how they are read. Nothing here has side effects. */

/** Splits a value at the commas that stand outside of quotation marks. */
export function partsOf(value: string): string[] {
  const parts = ['']
  let open = false
  for (let at = 0; at < value.length; at++) {
    const character = value[at]!
    if (character === ',' && !open) {
      parts.push('')
      continue
    }
    parts[parts.length - 1] += character
    if (character === '\\' && open) parts[parts.length - 1] += value[++at] ?? ''
    else if (character === '"') open = !open
  }
  return parts
}

/** A text without its quotation marks. Undefined where it has quotation marks but is not one JSON string. */
export function unquoted(text: string): string | undefined {
  if (!text.includes('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Writes a text so that it is read as one value. It gets quotation marks where it is empty, where white space, a comma,
 * a quotation mark or a backslash is in it, and where it begins like JSON (`=`) or like the rest of an address (`//`).
 */
export const quoted = (text: string) => (text === '' || /[\s",\\]|^(?:=|\/\/)/.test(text) ? JSON.stringify(text) : text)

/**
 * A key and a value with a colon between them. After the colon stands no `//` and no backslash, so that an address such
 * as `https://a.example` and a path such as `C:\temp` are words to search for.
 */
const KEY = /^([\p{L}_$][\p{L}\p{N}_$.-]*):(?!\/\/|\\)([^]+)$/u
/** Names with dots between them, at least one of them in quotation marks: `span."http.status"`. */
const QUOTED_KEY = /^((?:[\p{L}\p{N}_$-]*\.)*"(?:[^"\\]|\\.)*"(?:\.(?:[\p{L}\p{N}_$-]*|"(?:[^"\\]|\\.)*"))*):([^]+)$/u
const PLAIN_NAME = /^[\p{L}\p{N}_$-]*$/u

/**
 * The key and the value of a condition, as they were typed. A key with quotation marks (`literal`) is the place of a
 * parameter and never a keyword. Null where the word is no condition but a word to search for.
 */
export function conditionOf(word: string): { key: string; value: string; literal: boolean } | null {
  const plain = KEY.exec(word)
  if (plain) return { key: plain[1]!, value: plain[2]!, literal: false }
  const match = QUOTED_KEY.exec(word)
  if (!match) return null
  const [, key, value] = match as unknown as [string, string, string]
  return pathIn(key) === '' ? null : { key, value, literal: true }
}

/** The place of a parameter, in the form of the API, from a key as it was typed. */
export const pathIn = (key: string) => pathOf(pathSteps(key))

/**
 * Writes the place of a parameter as a key. `isKeyword` tells which keys need quotation marks, because they have another
 * meaning without them.
 */
export function keyOf(path: string, isKeyword: (key: string) => boolean): string {
  const names = pathSteps(path)
  const key = names.map((name) => (PLAIN_NAME.test(name) ? name : JSON.stringify(name))).join('.')
  if (key.includes('"') || (KEY.exec(`${key}:x`)?.[1] === key && !isKeyword(key))) return key
  return [JSON.stringify(names[0]), ...names.slice(1)].join('.')
}
