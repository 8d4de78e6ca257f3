import type { FieldProblem } from '@/server/engine/domain/errors'

const MAX_DEPTH = 100
const MAX_PROBLEMS = 20
/** Of a path that leads too deep, so much is named. */
const SHOWN_PATH = 60

/** An array or object on the way down, and how far its members have been looked at. */
interface Level {
  value: object
  /** Names of an object's members; an array has none. */
  names: string[] | null
  at: number
  /** Where it lies in the level above; absent at the root. */
  key: string | number | null
  depth: number
}

/**
 * What PostgreSQL cannot keep, or what exists only to break parsers: NUL bytes and lone surrogates in
 * any string or key, and nesting deeper than 100. Parameters count from themselves, so that the
 * envelope of `submitMany` takes nothing away from them. Holds one level a depth, whatever the size:
 * a body of 16 MiB may have millions of members, and who sends it is not yet known to be allowed to.
 */
export function checkJson(root: unknown): FieldProblem[] {
  const fields: FieldProblem[] = []
  const path: Level[] = []

  const refuse = (message: string, ...keys: (string | number)[]) => fields.push({ path: pathOf(path, keys), message })
  const enter = (value: unknown, key: string | number | null) => {
    if (typeof value === 'string') {
      const message = stringProblem(value)
      if (message) refuse(message, ...(key === null ? [] : [key]))
    } else if (typeof value === 'object' && value !== null) {
      const depth = key === null || isParameters(path, key) ? 0 : path.at(-1)!.depth + 1
      if (depth < MAX_DEPTH) path.push({ value, names: Array.isArray(value) ? null : Object.keys(value), at: 0, key, depth })
      else fields.push({ path: `${pathOf(path, []).slice(0, SHOWN_PATH)}…`, message: `must not be nested deeper than ${MAX_DEPTH}` })
    }
  }

  enter(root, null)
  for (let level = path.at(-1); level && fields.length < MAX_PROBLEMS; level = path.at(-1)) {
    const { value, names } = level
    const index = level.at++
    if (index >= (names ?? (value as unknown[])).length) {
      path.pop()
    } else if (names === null) {
      enter((value as unknown[])[index], index)
    } else {
      const name = names[index]!
      const message = stringProblem(name)
      if (message) refuse(`has a name that ${message}`)
      enter((value as Record<string, unknown>)[name], name)
    }
  }
  return fields
}

/** True for `parameters`, `changes.parameters` and `jobs[n].parameters`, with which the caller's own JSON begins. */
function isParameters(path: readonly Level[], key: string | number): boolean {
  if (key !== 'parameters') return false
  const [, first] = path
  if (path.length === 3) return first!.key === 'jobs' && first!.names === null
  return path.length === 1 || (path.length === 2 && first!.key === 'changes')
}

/** `jobs[3].parameters.a` */
function pathOf(path: readonly Level[], keys: readonly (string | number)[]): string {
  const all = [...path.flatMap(({ key }) => key ?? []), ...keys]
  return all.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${key}` : key), '')
}

function stringProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not hold a NUL byte'
  if (!text.isWellFormed()) return 'must not hold half of a surrogate pair'
  return undefined
}
