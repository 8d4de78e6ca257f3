import { MASK } from './mask'

// Hides secrets in text.

export type Redact = (text: string) => string

/**
 * A text with fewer characters than this is replaced only where it stands as a whole word. A secret "7" must not hide
 * every number that contains a 7.
 */
const WORD_LENGTH = 4
/**
 * A secret of several lines, such as a private key, may be logged line by line. So each of its lines with at least this
 * many characters is hidden by itself, too.
 */
const LINE_LENGTH = 8
/**
 * Looking for more texts would hold up the worker at every line of a log. If a job has more, nothing that it logs is
 * shown.
 */
const MAX_TEXTS = 1_000

/**
 * Makes a function that hides secrets in what a handler logs. Each of `texts` is found as it is, as JSON writes it
 * within quotes, and as a URL carries it. Of a text of several lines, each line of at least 8 characters is found, too.
 * Other forms that a handler makes of a secret (a hash, base64, a part of it) are not found.
 */
export function redactor(texts: readonly string[]): Redact {
  if (texts.length === 0) return (text) => text
  if (texts.length > MAX_TEXTS) return () => MASK
  const forms = [...new Set(texts.flatMap(formsOf))].filter((form) => form !== '')
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
    // URLSearchParams writes a space as +, and some characters otherwise than encodeURIComponent, such as ! and ~. An
    // address that is read as a URL gets another form of the quote alone.
    const inForm = new URLSearchParams({ '': part.toWellFormed() }).toString().slice(1)
    return [
      part,
      JSON.stringify(part).slice(1, -1),
      inAddress,
      inAddress.replaceAll('%20', '+'),
      inAddress.replaceAll("'", '%27'),
      inForm,
      inForm.replaceAll('+', '%20'),
    ]
  })
}

// This does not use a regular expression, because a secret may have 256 KiB, which is too large for one.
function occurrences(text: string, form: string): Span[] {
  const found: Span[] = []
  for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + 1)) {
    const to = from + form.length
    if (form.length >= WORD_LENGTH || isWord(text, from, to)) found.push([from, to])
  }
  return found
}

/** True where no letter or digit stands right before or after. Two code units are looked at, because a letter may take both. */
const isWord = (text: string, from: number, to: number): boolean =>
  !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, from - 2), from)) && !/^[\p{L}\p{N}]/u.test(text.slice(to, to + 2))

/** Puts a mask in place of each span. Spans that overlap, as where one secret begins within another, get one mask. */
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
