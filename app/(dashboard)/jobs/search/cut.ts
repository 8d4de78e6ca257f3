/** A word of the search as it was typed, and its place. */
export interface Word {
  text: string
  from: number
  to: number
  /** A quotation begins in this word and does not end. */
  open: boolean
}

/**
 * Cuts a search into words at white space outside of quotation marks. Inside a quotation, a backslash protects the next
 * character.
 */
export function wordsIn(text: string): Word[] {
  const words: Word[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++
      continue
    }
    const from = at
    let open = false
    while (at < text.length && (open || !/\s/.test(text[at]!))) {
      if (text[at] === '\\' && open) at++
      else if (text[at] === '"') open = !open
      at++
    }
    at = Math.min(at, text.length)
    words.push({ text: text.slice(from, at), from, to: at, open })
  }
  return words
}
