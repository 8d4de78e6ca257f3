import { MASK } from './sensitive'

export type Redact = (text: string) => string

/** Below this a text is replaced only as a whole word: "7" must not blank out every number with a 7. */
const WORD_LENGTH = 4
/** A line of a longer secret, such as a private key, that is logged by itself. */
const LINE_LENGTH = 8
/** Looking for more would hold up the worker at every line; nothing that such a job says is shown. */
const MAX_TEXTS = 1_000

/**
 * Replaces what must not be read in what a handler says: each of `texts` as it is, as JSON writes it
 * within quotes, and as an address carries it; of texts of several lines also each line. What a
 * handler makes of a secret otherwise (a hash, base64, a part of it) is not recognized.
 */
export function redactor(texts: readonly string[]): Redact {
  if (texts.length === 0) return (text) => text
  if (texts.length > MAX_TEXTS) return () => MASK
  const forms = [...new Set(texts.flatMap(formsOf))]
  return (text) =>
    withoutSpans(
      text,
      forms.flatMap((form) => occurrences(text, form)),
    )
}

type Span = readonly [from: number, to: number]

function formsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= LINE_LENGTH) : []
  return [text, text.trim(), ...parts].flatMap((part) => {
    const inAddress = encodeURIComponent(part.toWellFormed())
    return [part, JSON.stringify(part).slice(1, -1), inAddress, inAddress.replaceAll('%20', '+')]
  })
}

// No regular expression: one for a secret of 256 KiB is too large for the engine.
function occurrences(text: string, form: string): Span[] {
  const found: Span[] = []
  for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + 1)) {
    const to = from + form.length
    if (form.length >= WORD_LENGTH || isWord(text, from, to)) found.push([from, to])
  }
  return found
}

const isWord = (text: string, from: number, to: number): boolean =>
  !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, from - 2), from)) && !/^[\p{L}\p{N}]/u.test(text.slice(to, to + 2))

/** With one mask for each stretch; spans may overlap where one secret begins within another. */
function withoutSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text
  let out = ''
  let at = 0
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    if (from >= at) out += text.slice(at, from) + MASK
    at = Math.max(at, to)
  }
  return out + text.slice(at)
}
