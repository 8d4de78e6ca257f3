/** How a search is cut into words, and how single values are written in it. Pure. */

/** The parts of a value between commas that stand outside of quotation marks. */
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

/** A text without its quotation marks. Undefined where they are not those of one JSON string. */
export function unquoted(text: string): string | undefined {
  if (!text.includes('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** A text that is read as one value: in quotation marks where it needs them. */
export const quoted = (text: string) =>
  text === '' || /[\s",\\]/.test(text) || text.startsWith('=') ? JSON.stringify(text) : text

const KEY = /^([\p{L}_$][\p{L}\p{N}_$.-]*):(?!\/\/|\\)([^]+)$/u
const QUOTED_KEY = /^("(?:[^"\\]|\\.)+"):([^]+)$/

/** The key of a condition and its value, both as written. Null where it is a word to look for. */
export function conditionOf(word: string): { key: string; value: string; literal: boolean } | null {
  const plain = KEY.exec(word)
  if (plain) return { key: plain[1]!, value: plain[2]!, literal: false }
  const match = QUOTED_KEY.exec(word)
  const key = match ? unquoted(match[1]!) : undefined
  return key === undefined ? null : { key, value: match![2]!, literal: true }
}

/** Whether a key can stand without quotation marks. */
export const isPlainKey = (key: string) => KEY.exec(`${key}:x`)?.[1] === key
