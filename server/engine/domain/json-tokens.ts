// Walks JSON text for what JSON.parse does not tell. The browser, the web process and workers use it, so it imports
// nothing.

type Keys = readonly (string | number)[]

/** What a walk comes to. A visitor that returns true ends the walk. `keys` is valid during the call only. */
export interface Visitor {
  /** A number as it is written, at `keys`. */
  number?: (literal: string, keys: Keys) => boolean
  /** The name of a member; the last of `keys`. `isNew` is false where its object had it before. */
  name?: (keys: Keys, isNew: boolean) => boolean
}

/** The tokens of JSON: strings (with the colon after them, where they are names), numbers, brackets and commas. */
const TOKEN = /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.eE+-]*|[[\]{},]/g

/** Walks valid JSON text once, from its beginning to its end. */
export function walkJson(text: string, { number, name }: Visitor): void {
  // An object that has just begun has no name yet, so its key is ''.
  const keys: (string | number)[] = []
  const names: (Set<string> | null)[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    const first = token[0]!
    const last = keys.length - 1
    if (first === '[' || first === '{') {
      keys.push(first === '[' ? 0 : '')
      names.push(null)
    } else if (first === ']' || first === '}') {
      keys.pop()
      names.pop()
    } else if (first === ',') {
      const key = keys[last]
      if (typeof key === 'number') keys[last] = key + 1
    } else if (first !== '"') {
      if (number?.(token, keys)) return
    } else if (token.endsWith(':')) {
      // The token contains the colon.
      const text = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string
      keys[last] = text
      if (!name) continue
      const before = (names[last] ??= new Set())
      if (name(keys, !before.has(text))) return
      before.add(text)
    }
  }
}

/**
 * Where an object has a name for the second time. JSON.parse would keep the last value alone, and nobody would notice.
 * Null where no object has one.
 */
export function doubledName(text: string): Keys | null {
  let found: Keys | null = null
  walkJson(text, {
    name(keys, isNew) {
      if (!isNew) found = [...keys]
      return !isNew
    },
  })
  return found
}
