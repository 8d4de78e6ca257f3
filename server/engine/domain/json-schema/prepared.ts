import { canonicalStoredJson } from '../canonical-json'
import { resolveRef, subschemas, type JsonObject, type SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import type { Meter } from './meter'
import { compilePattern, type Pattern } from './patterns'

/** A schema with everything that is worked out once and used by each check. */
export class Prepared {
  /** True where the schema, or one inside it, has a keyword `unevaluated…`. */
  readonly hasUnevaluated: boolean
  private readonly refs = new Map<string, SchemaNode>()
  private readonly enums = new WeakMap<object, Set<string>>()
  private readonly named = new WeakMap<object, [string, SchemaNode][]>()

  constructor(readonly root: SchemaNode) {
    this.hasUnevaluated = mentions(root, ['unevaluatedProperties', 'unevaluatedItems'])
  }

  /**
   * The schema that a `$ref` leads to.
   * @throws Error where it leads nowhere. No job type is created with such a schema.
   */
  target(ref: string): SchemaNode {
    let target = this.refs.get(ref)
    if (target === undefined) {
      target = resolveRef(this.root, ref)
      if (target === undefined) throw new Error(`${ref} leads nowhere`)
      this.refs.set(ref, target)
    }
    return target
  }

  /**
   * The values of an `enum` as a set of canonical texts. A lookup takes as long for five values as for five thousand.
   */
  choices(values: readonly Json[]): Set<string> {
    let texts = this.enums.get(values)
    if (!texts) this.enums.set(values, (texts = new Set(values.map(equalityText))))
    return texts
  }

  /**
   * The patterns of `patternProperties`, compiled, each with its schema. Compiled patterns are kept elsewhere, where
   * they are freed when there are too many of them.
   * @throws CheckTooLong
   */
  patternsOf(map: JsonObject, meter: Meter): [Pattern, SchemaNode][] {
    let pairs = this.named.get(map)
    if (!pairs) this.named.set(map, (pairs = Object.entries(map) as [string, SchemaNode][]))
    return pairs.map(([source, schema]) => [compilePattern(source, meter), schema])
  }
}

function mentions(schema: SchemaNode, keywords: readonly string[]): boolean {
  if (typeof schema === 'boolean') return false
  return (
    keywords.some((keyword) => Object.hasOwn(schema, keyword)) ||
    subschemas(schema).some((sub) => mentions(sub.schema, keywords))
  )
}

const byObject = new WeakMap<object, Prepared>()
/**
 * Prepared schemas by their text. A schema that is read again from the database is another object with the same text.
 */
const byText = new Map<string, Prepared>()
const MOST_KEPT = 500

/** The prepared form of a schema. It is kept, both by the object and by its text. */
export function prepare(schema: JsonObject): Prepared {
  const known = byObject.get(schema)
  if (known) return known
  const text = JSON.stringify(schema)
  const prepared = byText.get(text) ?? new Prepared(schema)
  // Removing and adding the entry moves it to the end of the map. So the entry at the start is the least recently used.
  byText.delete(text)
  byText.set(text, prepared)
  if (byText.size > MOST_KEPT) byText.delete(byText.keys().next().value!)
  byObject.set(schema, prepared)
  return prepared
}

/** A text that is the same for equal values, whatever the order of their fields, and differs for all others. */
export function equalityText(value: Json): string {
  // Only the texts of strings begin with a quotation mark, so this differs from all others without one at its end.
  if (typeof value === 'string') return `"${value}`
  return typeof value === 'object' && value !== null ? canonicalStoredJson(value) : String(value)
}
