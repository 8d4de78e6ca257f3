import type { FieldProblem } from '@/server/engine/domain/errors'

const MAX_DEPTH = 100

/**
 * What PostgreSQL cannot keep, or what exists only to break parsers: NUL bytes and lone surrogates in
 * any string or key, and nesting deeper than 100. Parameters count from themselves, so that the
 * envelope of `submitMany` takes nothing away from them. Walks without recursion.
 */
export function checkJson(root: unknown): FieldProblem[] {
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '', depth: 0 }]
  const fields: FieldProblem[] = []
  for (let at = stack.pop(); at && fields.length < 20; at = stack.pop()) {
    const { value, path, depth } = at
    if (typeof value === 'string') {
      const message = stringProblem(value)
      if (message) fields.push({ path, message })
    } else if (value && typeof value === 'object') {
      if (depth >= MAX_DEPTH) {
        fields.push({ path: `${path.slice(0, 60)}…`, message: `must not be nested deeper than ${MAX_DEPTH}` })
        continue
      }
      if (Array.isArray(value)) {
        value.forEach((item, index) => stack.push({ value: item, path: `${path}[${index}]`, depth: depth + 1 }))
        continue
      }
      for (const [key, item] of Object.entries(value)) {
        const message = stringProblem(key)
        if (message) fields.push({ path, message: `has a name that ${message}` })
        const inner = path ? `${path}.${key}` : key
        stack.push({ value: item, path: inner, depth: PARAMETERS.test(inner) ? 0 : depth + 1 })
      }
    }
  }
  return fields
}

const PARAMETERS = /^(?:jobs\[\d+\]\.)?parameters$/

function stringProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not hold a NUL byte'
  if (!text.isWellFormed()) return 'must not hold half of a surrogate pair'
  return undefined
}
