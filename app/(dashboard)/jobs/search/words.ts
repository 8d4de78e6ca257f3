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
 * Writes a text so that it is read as one value. It gets quotation marks where it needs them: a word with `//` behind
 * its colon is read as an address.
 */
export const quoted = (text: string) => (text === '' || /[\s",\\]|^(?:=|\/\/)/.test(text) ? JSON.stringify(text) : text)

const KEY = /^([\p{L}_$][\p{L}\p{N}_$.-]*):(?!\/\/|\\)([^]+)$/u
const QUOTED_KEY = /^("(?:[^"\\]|\\.)+"):([^]+)$/

/**
 * The key and the value of a condition, as they were typed. Null where the word is no condition but a word to search
 * for.
 */
export function conditionOf(word: string): { key: string; value: string; literal: boolean } | null {
  const plain = KEY.exec(word)
  if (plain) return { key: plain[1]!, value: plain[2]!, literal: false }
  const match = QUOTED_KEY.exec(word)
  const key = match ? unquoted(match[1]!) : undefined
  return key === undefined ? null : { key, value: match![2]!, literal: true }
}

/** True where a key needs no quotation marks. */
export const isPlainKey = (key: string) => KEY.exec(`${key}:x`)?.[1] === key
