import type { Redact } from './redact'

/** Reads errors that may be anything: Error objects of any realm, plain data, strings, nothing. */

export const asItIs: Redact = (text) => text

export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

export function textField(value: unknown, key: string): string | undefined {
  const found = field(value, key)
  return typeof found === 'string' ? found : undefined
}

/** `TransientError`, `TypeError`, …; `Error` for what has no name. */
export const nameOf = (error: unknown): string => shownName(error, asItIs)

/** The same without secrets. They are hidden before the name is cut, because half of a secret would not be found. */
export function shownName(error: unknown, redact: Redact): string {
  const name = textField(error, 'name')
  // `error` is what node-postgres calls its DatabaseError.
  return name === undefined || name.trim() === ''
    ? 'Error'
    : boundText(redact(name === 'error' ? 'DatabaseError' : name), 100)
}

export const rawMessage = (error: unknown): string => textField(error, 'message') ?? ''

export const causeOf = (error: unknown): unknown => field(error, 'cause') ?? undefined

/** The error, its causes and the errors that it collects, outermost first. At most 20, each once. */
export function errorChain(error: unknown): object[] {
  const chain: object[] = []
  const queue: unknown[] = [error]
  while (queue.length > 0 && chain.length < 20) {
    const link = queue.shift()
    if (typeof link !== 'object' || link === null || chain.includes(link)) continue
    chain.push(link)
    const gathered = field(link, 'errors')
    queue.push(causeOf(link), ...(Array.isArray(gathered) ? gathered.slice(0, 20) : []))
  }
  return chain
}

/**
 * What was thrown as text without secrets, also where it is not an error. Secrets are hidden before the text is cut,
 * because half of a secret would not be found.
 */
export function describeThrown(thrown: unknown, redact: Redact): string {
  return redact(textOf(thrown, redact))
}

function textOf(thrown: unknown, redact: Redact): string {
  if (typeof thrown === 'string') return thrown || 'An empty string was thrown'
  if (typeof thrown !== 'object' || thrown === null) return `${String(thrown)} was thrown`
  const issues = field(thrown, 'issues')
  if (isZodError(thrown) && Array.isArray(issues)) return describeIssues(issues)
  const message = rawMessage(thrown)
  if (message !== '') return nameOf(thrown).startsWith('PrismaClient') ? withoutInvocation(message) : message
  const gathered = field(thrown, 'errors')
  if (Array.isArray(gathered) && gathered.length > 0)
    return [...new Set(gathered.slice(0, 5).map((each) => textOf(each, redact)))].join('; ')
  if (textField(thrown, 'name') || textField(thrown, 'stack')) return shownName(thrown, redact)
  try {
    return `${redact(JSON.stringify(thrown)).slice(0, 1_000)} was thrown`
  } catch {
    return 'An object that has no JSON form was thrown'
  }
}

/** Zod 4 calls it ZodError from `parse` and $ZodError from its core. */
export const isZodError = (error: unknown): boolean => /^\$?Zod(?:Real)?Error$/.test(nameOf(error))

function describeIssues(issues: readonly unknown[]): string {
  const lines = issues.slice(0, 5).map((issue) => {
    const path = field(issue, 'path')
    const at = Array.isArray(path) ? path.map(String).join('.') : ''
    return `${at === '' ? '' : `${at}: `}${rawMessage(issue)}`
  })
  if (issues.length > 5) lines.push(`and ${issues.length - 5} more`)
  return `The data does not fit its schema: ${lines.join('; ')}`
}

/**
 * Prisma begins its messages with the calling code. The reason is the last paragraph, without lines of code above it,
 * which begin with an arrow or a line number.
 */
function withoutInvocation(message: string): string {
  if (!/\binvocation\b/.test(message)) return message
  const paragraphs = message
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter(Boolean)
  return paragraphs.at(-1)?.replace(/^(?:(?:→|\d)[^\n]*\n\s*)+/, '') ?? message
}

/** The lines of a stack that are frames, without its header. */
export function frameLines(error: unknown): string[] {
  const stack = textField(error, 'stack')
  // The frames stand at the end, after a message that may be huge. At most 16 kB of them are kept (failure.ts), so this
  // much of the end is enough.
  return stack === undefined
    ? []
    : stack
        .slice(-200_000)
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 100)
}

/** `/home/me/jobyard/worker/a.ts` → `worker/a.ts`, also as a file URL. */
export function relativePaths(text: string, projectRoot: string | undefined): string {
  const root = projectRoot?.replace(/\/+$/, '')
  if (!root) return text.replaceAll('file:///', '/')
  const url = `file://${root.split('/').map(encodeURIComponent).join('/')}`
  return text
    .replaceAll(`${url}/`, '')
    .replaceAll(`file://${root}/`, '')
    .replaceAll(`${root}/`, '')
    .replaceAll('file:///', '/')
}

/** The text without NUL and broken surrogates, which PostgreSQL cannot keep, cut to at most `max` code units. */
export function boundText(text: string, max: number): string {
  // The text is cut before it is cleaned, so that a huge one costs little. The ellipsis takes one of `max`.
  const cut = text.length <= max ? text : text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '') + '…'
  return cut.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
}
