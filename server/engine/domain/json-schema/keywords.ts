import { isObject, type JsonObject } from '../schema-walk'
import type { Json } from '../types'
import { hasFormat, longestOf, stepsOfFormat } from './formats'
import { LIST_KEYWORDS } from './keywords-of-lists'
import { OBJECT_KEYWORDS } from './keywords-of-objects'
import { UNION_KEYWORDS } from './keywords-of-unions'
import { isMultipleOf } from './multiple-of'
import { sizeOfPattern } from './pattern-size'
import { compilePattern } from './patterns'
import { simpleCheck, type Keyword, type Walker } from './walker'

/** One keyword of one schema, ready to be asked. */
export interface Rule {
  keyword: string
  limit: Json
  says: Keyword
}

/**
 * The keywords of a schema that apply to a value of this kind, in the order of the schema. (`minLength` applies to
 * strings only, for example.) They are worked out once for each schema and kind, because a list may hold thousands of
 * values of the same kind.
 */
export function rulesFor(schema: JsonObject, value: Json): readonly Rule[] {
  let byKind = RULES.get(schema)
  if (byKind === undefined) RULES.set(schema, (byKind = [undefined, undefined, undefined, undefined, undefined]))
  const kind = kindOf(value)
  return (byKind[kind] ??= readRules(schema, KEYWORDS[kind]!))
}

const RULES = new WeakMap<JsonObject, (Rule[] | undefined)[]>()

/** The kind of a value, as its index in `KEYWORDS`. */
function kindOf(value: Json): number {
  if (typeof value === 'string') return 0
  if (typeof value === 'number') return 1
  if (typeof value !== 'object' || value === null) return 4
  return Array.isArray(value) ? 2 : 3
}

function readRules(schema: JsonObject, keywords: ReadonlyMap<string, Keyword>): Rule[] {
  return Object.entries(schema).flatMap(([keyword, limit]) => {
    const says = keywords.get(keyword)
    return says ? [{ keyword, limit, says }] : []
  })
}

const ANY_KEYWORDS: Record<string, Keyword> = {
  type: simpleCheck((value, types) =>
    Array.isArray(types) ? types.some((type) => isOfType(value, type)) : isOfType(value, types),
  ),
  const: simpleCheck((value, only, walk) => walk.text(value) === walk.text(only)),
  enum: simpleCheck((value, choices, walk) => walk.prepared.choices(choices as Json[]).has(walk.text(value))),
  ...UNION_KEYWORDS,
}

const STRING_KEYWORDS: Record<string, Keyword<string>> = {
  minLength: simpleCheck((value, least, { meter }) => lengthOf(value, meter) >= Number(least)),
  maxLength: simpleCheck(
    // A character takes one or two UTF-16 units. So a text with few units has few characters, and need not be counted.
    (value, most, { meter }) => value.length <= Number(most) || lengthOf(value, meter) <= Number(most),
  ),
  pattern: simpleCheck((value, pattern, walk) => walk.matches(compilePattern(String(pattern), walk.meter), value)),
  format: simpleCheck((value, format, { meter }) => {
    meter.take(stepsOfFormat(String(format), value))
    // Checking a regular expression takes as long as compiling it: the engine writes out classes such as \p{L}.
    if (format === 'regex' && value.length <= longestOf('regex')!) meter.takeCompiling(sizeOfPattern(value).parts)
    return hasFormat(String(format), value)
  }),
}

const NUMBER_KEYWORDS: Record<string, Keyword<number>> = {
  minimum: simpleCheck((value, least) => value >= Number(least)),
  maximum: simpleCheck((value, most) => value <= Number(most)),
  exclusiveMinimum: simpleCheck((value, bound) => value > Number(bound)),
  exclusiveMaximum: simpleCheck((value, bound) => value < Number(bound)),
  multipleOf: simpleCheck((value, step) => isMultipleOf(value, Number(step))),
}

/**
 * Puts the keywords for one kind of value together with those for any value. `rulesFor` calls each keyword only with
 * values of its kind. The type of a map cannot say that, so it is widened here.
 */
const table = (own: object): ReadonlyMap<string, Keyword> =>
  new Map(Object.entries({ ...ANY_KEYWORDS, ...own }) as [string, Keyword][])

/** The keywords by kind of value: strings, numbers, lists, objects, and last true, false and null. */
const KEYWORDS = [STRING_KEYWORDS, NUMBER_KEYWORDS, LIST_KEYWORDS, OBJECT_KEYWORDS, {}].map(table)

function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return typeof value === type
  }
}

/** The length of a text in characters (code points), as JSON Schema counts it. Some characters are two units long. */
function lengthOf(text: string, meter: Walker['meter']): number {
  meter.take(text.length / 64)
  let length = 0
  for (let i = 0; i < text.length; i++, length++) if (text.codePointAt(i)! > 0xffff) i++
  return length
}
