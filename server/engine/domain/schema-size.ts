import { sizeOfPattern } from './json-schema/pattern-size'
import { isObject, resolveRef, subschemas, type JsonObject, type SchemaNode } from './schema-walk'

// How large a parameter schema may be, so that neither reading it nor checking values by it takes long.

export interface SchemaProblem {
  keys: (string | number)[]
  message: string
}

const MAX_SUBSCHEMAS = 2_000
/** How many schemas one value may be held against, all references written out. */
const MAX_CHECKS_PER_VALUE = 5_000
/**
 * Parts of one pattern and of all different patterns of a schema (see `PatternSize`); 20,000 compile in 80 ms at worst.
 * Of 1,464 schemas in use (docs/decisions/0006), with 2,556 patterns, half of the patterns have at most 44 parts, all but 1 % at most
 * 1,473, and one is above the limit. The schema with that pattern is the only one that is refused.
 */
const MAX_PATTERN_PARTS = 12_000
const MAX_PARTS_OF_ALL_PATTERNS = 20_000

/**
 * Patterns that are too large to compile, alone or together. The first is enough, and the sizes of the others are not
 * worked out any more.
 */
export function patternSizeProblems(root: JsonObject): SchemaProblem[] {
  const seen = new Set<string>()
  let all = 0
  for (const { keys, source } of patternsIn(root, [])) {
    if (seen.has(source)) continue
    seen.add(source)
    const { parts } = sizeOfPattern(source)
    all += parts
    if (parts > MAX_PATTERN_PARTS)
      return [
        {
          keys,
          message: `is too large once its counts and classes of characters are written out (${countText(parts)} parts; at most ${countText(MAX_PATTERN_PARTS)}): repeat less, use fewer of \\p{…}, or limit the length by maxLength`,
        },
      ]
    if (all > MAX_PARTS_OF_ALL_PATTERNS)
      return [
        {
          keys: [],
          message: `has patterns that are too large together, once their counts and classes of characters are written out (more than ${countText(MAX_PARTS_OF_ALL_PATTERNS)} parts): make them shorter, or use the same one in several places, which counts once`,
        },
      ]
  }
  return []
}

interface PatternPlace {
  keys: (string | number)[]
  source: string
}

function patternsIn(schema: SchemaNode, keys: (string | number)[]): PatternPlace[] {
  if (!isObject(schema)) return []
  const { pattern, patternProperties } = schema
  const own = typeof pattern === 'string' ? [{ keys: [...keys, 'pattern'], source: pattern }] : []
  const names = isObject(patternProperties) ? Object.keys(patternProperties) : []
  return [
    ...own,
    ...names.map((source) => ({ keys: [...keys, 'patternProperties', source], source })),
    ...subschemas(schema).flatMap((sub) => patternsIn(sub.schema, [...keys, ...sub.keys])),
  ]
}

const countText = (count: number) => count.toLocaleString('en')

/**
 * Schemas that would take very long or for ever: too many, circles that never reach a part of the value, references
 * that multiply. The keys of a problem are the way by which it was found, references followed.
 */
export function sizeProblems(root: JsonObject): SchemaProblem[] {
  const total = countAll(root)
  if (total > MAX_SUBSCHEMAS)
    return [{ keys: [], message: `must hold at most ${MAX_SUBSCHEMAS} schemas (holds ${total})` }]
  const checks = new Map<object, number>()
  const open = new Set<object>()
  const problems: SchemaProblem[] = []

  /** How many schemas look at the same value as this one, itself included. */
  const checksOf = (schema: SchemaNode, keys: (string | number)[]): number => {
    if (!isObject(schema)) return 1
    const known = checks.get(schema)
    if (known !== undefined) return known
    if (open.has(schema)) {
      problems.push({ keys, message: 'refers in a circle to itself without going into a field or an item' })
      return 1
    }
    open.add(schema)
    let sum = 1
    // A reference to nothing was refused before this (parameter-schema.ts).
    if (typeof schema.$ref === 'string') sum += checksOf(resolveRef(root, schema.$ref) ?? true, [...keys, '$ref'])
    for (const sub of subschemas(schema)) if (sub.sameValue) sum += checksOf(sub.schema, [...keys, ...sub.keys])
    open.delete(schema)
    checks.set(schema, sum)
    if (sum > MAX_CHECKS_PER_VALUE)
      problems.push({
        keys,
        message: 'multiplies through its references: one value would be checked thousands of times',
      })
    return sum
  }
  const checkAll = (schema: SchemaNode, keys: (string | number)[]): void => {
    checksOf(schema, keys)
    for (const sub of subschemas(schema)) checkAll(sub.schema, [...keys, ...sub.keys])
  }
  checkAll(root, [])
  return problems.slice(0, 1)
}

const countAll = (schema: SchemaNode): number => subschemas(schema).reduce((sum, sub) => sum + countAll(sub.schema), 1)
