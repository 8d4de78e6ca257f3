import { isObject, type JsonObject, type SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import { Evaluated } from './evaluated'
import { hasFormat } from './formats'
import { CheckTooLong, type Meter } from './meter'
import { isMultipleOf } from './multiple-of'
import { compilePattern, type Pattern } from './patterns'
import { equalityText, type Prepared } from './prepared'

/** More than 20 faults help nobody; a check ends there. */
export const MOST_FAULTS = 20
/** How deep in unions inside of unions the faults of each branch are told apart: each level multiplies the work. */
const MOST_UNIONS = 2

/** One keyword that a value does not fit. */
export interface Fault {
  keyword: string
  /** Where in the value; for a missing field, where it should be. */
  keys: (string | number)[]
  value: Json | undefined
  /** The schema whose keyword it is, and the one around that. */
  schema: JsonObject
  holder: JsonObject
  /** Of `anyOf` and `oneOf`: the faults by branch, where they were looked for, and how many branches fit. */
  branches?: Fault[][]
  matches?: number
  /** Of `uniqueItems`: the two that are the same. Of `dependentRequired`: the field that asks for this one. */
  items?: [number, number]
  givenBy?: string
}

/** Enough faults were found. */
class Enough extends Error {}

/** Where a value stands. */
type Place = { parent: Place; key: string | number } | null

/** True where `value` fits; the first fault ends it. @throws CheckTooLong */
export const fits = (prepared: Prepared, value: Json, meter: Meter): boolean =>
  new Check(prepared, meter, null, 0).holds(prepared.root, value, null, {}, null)

/** What does not fit, at most MOST_FAULTS. @throws CheckTooLong */
export function faultsOf(prepared: Prepared, value: Json, meter: Meter): Fault[] {
  const faults: Fault[] = []
  try {
    new Check(prepared, meter, faults, 0).holds(prepared.root, value, null, {}, null)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return faults
}

/**
 * One walk of a value along a schema. With `faults` it goes on after a fault and tells all of them; without, it
 * answers at the first. What a `$ref` said of an object or a list is remembered, so that a recursive schema costs
 * at most its size times the value's, and not 2 to the power of the depth.
 */
class Check {
  private readonly remembered = new Map<SchemaNode, Map<object, boolean>>()
  private readonly texts = new WeakMap<object, string>()
  /** The same walk without faults: for what is only asked and not told. */
  private readonly quiet: Check
  private depth = 0

  constructor(
    private readonly prepared: Prepared,
    private readonly meter: Meter,
    private readonly faults: Fault[] | null,
    private readonly unions: number,
    quiet?: Check,
  ) {
    this.quiet = quiet ?? (faults ? new Check(prepared, meter, null, 0) : this)
  }

  /** @param seen which fields and items have been looked at; null where nobody asks. */
  holds(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    this.meter.take(1)
    if (schema === true) return true
    if (schema === false) return this.fault('false', holder, at, value, holder)
    if (++this.depth > 1_000) throw new CheckTooLong('nested too deep')
    // Only this schema's own `unevaluated…` asks, or one around it.
    const mine = this.prepared.hasUnevaluated ? new Evaluated() : null
    const ok = this.keywords(schema, value, at, holder, mine)
    this.depth--
    if (ok && mine) seen?.add(mine)
    return ok
  }

  private keywords(schema: JsonObject, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    let ok = true
    // In the order of the schema, but what asks for the others' findings comes last.
    for (const keyword of Object.keys(schema)) {
      if (keyword === 'unevaluatedProperties' || keyword === 'unevaluatedItems') continue
      if (!this.keyword(keyword, schema, value, at, holder, seen)) {
        ok = false
        if (!this.faults) return false
      }
    }
    if (!seen) return ok
    for (const keyword of ['unevaluatedProperties', 'unevaluatedItems'] as const) {
      if (Object.hasOwn(schema, keyword) && !this.unevaluated(keyword, schema, value, at, seen)) {
        ok = false
        if (!this.faults) return false
      }
    }
    return ok
  }

  private keyword(
    keyword: string,
    schema: JsonObject,
    value: Json,
    at: Place,
    holder: JsonObject,
    seen: Evaluated | null,
  ): boolean {
    const limit = schema[keyword]!
    const wrong = () => this.fault(keyword, schema, at, value, holder)
    switch (keyword) {
      case '$ref':
        return this.reference(this.prepared.target(String(limit)), value, at, holder, seen)
      case 'type':
        return (Array.isArray(limit) ? limit.some((type) => isOfType(value, type)) : isOfType(value, limit)) || wrong()
      case 'const':
        return this.text(value) === this.text(limit) || wrong()
      case 'enum':
        return this.prepared.choices(limit as Json[]).has(this.text(value)) || wrong()
      case 'allOf':
        return this.all(limit as SchemaNode[], (sub) => this.holds(sub, value, at, schema, seen))
      case 'anyOf':
        return this.anyOf(limit as SchemaNode[], value, at, schema, holder, seen)
      case 'oneOf':
        return this.oneOf(limit as SchemaNode[], value, at, schema, holder, seen)
      case 'not':
        return !this.quiet.holds(limit as SchemaNode, value, at, schema, null) || wrong()
      case 'if':
        return this.condition(schema, value, at, seen)
    }
    if (typeof value === 'string') return this.stringKeyword(keyword, limit, value) || wrong()
    if (typeof value === 'number') return numberFits(keyword, limit, value) || wrong()
    if (Array.isArray(value)) return this.listKeyword(keyword, limit, schema, value, at, holder, seen)
    if (isObject(value)) return this.objectKeyword(keyword, limit, schema, value, at, holder, seen)
    return true
  }

  private reference(target: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    if (typeof value !== 'object' || value === null || this.prepared.hasUnevaluated)
      return this.holds(target, value, at, holder, seen)
    let known = this.remembered.get(target)
    if (!known) this.remembered.set(target, (known = new Map()))
    const before = known.get(value)
    if (before !== undefined) return before
    const ok = this.holds(target, value, at, holder, seen)
    known.set(value, ok)
    return ok
  }

  private anyOf(
    branches: SchemaNode[],
    value: Json,
    at: Place,
    schema: JsonObject,
    holder: JsonObject,
    seen: Evaluated | null,
  ): boolean {
    let ok = false
    for (const branch of branches) {
      if (!this.quiet.holds(branch, value, at, schema, seen)) continue
      ok = true
      // Others may have looked at further fields.
      if (!seen) break
    }
    return ok || this.union('anyOf', branches, value, at, schema, holder, 0)
  }

  private oneOf(
    branches: SchemaNode[],
    value: Json,
    at: Place,
    schema: JsonObject,
    holder: JsonObject,
    seen: Evaluated | null,
  ): boolean {
    let matches = 0
    for (const branch of branches) {
      if (this.quiet.holds(branch, value, at, schema, seen)) matches++
      if (matches > 1 && !this.faults) return false
    }
    return matches === 1 || this.union('oneOf', branches, value, at, schema, holder, matches)
  }

  private union(
    keyword: string,
    branches: SchemaNode[],
    value: Json,
    at: Place,
    schema: JsonObject,
    holder: JsonObject,
    matches: number,
  ): false {
    if (!this.faults) return false
    const inside =
      matches === 0 && this.unions < MOST_UNIONS
        ? branches.map((branch) => this.faultsInside(branch, value, at, schema))
        : undefined
    return this.fault(keyword, schema, at, value, holder, { matches, ...(inside && { branches: inside }) })
  }

  private faultsInside(branch: SchemaNode, value: Json, at: Place, schema: JsonObject): Fault[] {
    const faults: Fault[] = []
    try {
      new Check(this.prepared, this.meter, faults, this.unions + 1, this.quiet).holds(branch, value, at, schema, null)
    } catch (error) {
      if (!(error instanceof Enough)) throw error
    }
    return faults
  }

  private condition(schema: JsonObject, value: Json, at: Place, seen: Evaluated | null): boolean {
    const applies = this.quiet.holds(schema.if as SchemaNode, value, at, schema, seen)
    const next = applies ? schema.then : schema.else
    return next === undefined || this.holds(next as SchemaNode, value, at, schema, seen)
  }

  private stringKeyword(keyword: string, limit: Json, value: string): boolean {
    switch (keyword) {
      case 'minLength':
        return this.lengthOf(value) >= Number(limit)
      case 'maxLength':
        return value.length <= Number(limit) || this.lengthOf(value) <= Number(limit)
      case 'pattern':
        return this.matches(compilePattern(String(limit)), value)
      case 'format':
        this.meter.take(4 + Math.min(value.length, 8_192) / 16)
        return hasFormat(String(limit), value)
      default:
        return true
    }
  }

  private listKeyword(
    keyword: string,
    limit: Json,
    schema: JsonObject,
    value: Json[],
    at: Place,
    holder: JsonObject,
    seen: Evaluated | null,
  ): boolean {
    const wrong = (more?: Partial<Fault>) => this.fault(keyword, schema, at, value, holder, more)
    switch (keyword) {
      case 'minItems':
        return value.length >= Number(limit) || wrong()
      case 'maxItems':
        return value.length <= Number(limit) || wrong()
      case 'prefixItems': {
        const heads = limit as SchemaNode[]
        seen?.upTo(heads.length)
        return this.all(value.slice(0, heads.length), (item, i) =>
          this.holds(heads[i]!, item, { parent: at, key: i }, schema, null),
        )
      }
      case 'items': {
        const from = Array.isArray(schema.prefixItems) ? schema.prefixItems.length : 0
        seen?.upTo(Infinity)
        return this.all(from === 0 ? value : value.slice(from), (item, i) =>
          this.holds(limit as SchemaNode, item, { parent: at, key: from + i }, schema, null),
        )
      }
      case 'contains':
        return this.contains(schema, value, at, holder, seen)
      case 'uniqueItems': {
        const pair = limit === true ? this.repeated(value) : undefined
        return !pair || wrong({ items: pair })
      }
      default:
        return true
    }
  }

  private contains(schema: JsonObject, value: Json[], at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    const least = typeof schema.minContains === 'number' ? schema.minContains : 1
    const most = typeof schema.maxContains === 'number' ? schema.maxContains : Infinity
    let found = 0
    for (const [i, item] of value.entries()) {
      if (!this.quiet.holds(schema.contains as SchemaNode, item, null, schema, null)) continue
      found++
      seen?.item(i)
      if (!seen && found >= least && most === Infinity) return true
    }
    if (found < least)
      return this.fault(schema.minContains === undefined ? 'contains' : 'minContains', schema, at, value, holder)
    return found <= most || this.fault('maxContains', schema, at, value, holder)
  }

  private repeated(items: readonly Json[]): [number, number] | undefined {
    const firsts = new Map<string, number>()
    for (const [i, item] of items.entries()) {
      this.meter.take(1)
      const text = this.text(item)
      const first = firsts.get(text)
      if (first !== undefined) return [first, i]
      firsts.set(text, i)
    }
    return undefined
  }

  private objectKeyword(
    keyword: string,
    limit: Json,
    schema: JsonObject,
    value: JsonObject,
    at: Place,
    holder: JsonObject,
    seen: Evaluated | null,
  ): boolean {
    const wrong = () => this.fault(keyword, schema, at, value, holder)
    const member = (sub: SchemaNode, name: string) => {
      seen?.field(name)
      return this.holds(sub, value[name]!, { parent: at, key: name }, schema, null)
    }
    switch (keyword) {
      case 'required':
        return this.all(
          limit as string[],
          (name) =>
            Object.hasOwn(value, name) || this.fault(keyword, schema, { parent: at, key: name }, undefined, holder),
        )
      case 'minProperties':
        return Object.keys(value).length >= Number(limit) || wrong()
      case 'maxProperties':
        return Object.keys(value).length <= Number(limit) || wrong()
      case 'properties':
        return this.all(
          Object.keys(limit as JsonObject),
          (name) => !Object.hasOwn(value, name) || member((limit as Record<string, SchemaNode>)[name]!, name),
        )
      case 'patternProperties':
        return this.all(this.prepared.patternsOf(limit as JsonObject), ([pattern, sub]) =>
          this.all(Object.keys(value), (name) => !this.matches(pattern, name) || member(sub, name)),
        )
      case 'additionalProperties':
        return this.all(Object.keys(value), (name) => this.isNamed(schema, name) || member(limit as SchemaNode, name))
      case 'propertyNames':
        return this.all(Object.keys(value), (name) => {
          if (this.quiet.holds(limit as SchemaNode, name, null, schema, null)) return true
          return this.fault(keyword, schema, { parent: at, key: name }, name, holder)
        })
      case 'dependentRequired':
        return this.all(
          Object.entries(limit as JsonObject),
          ([givenBy, names]) =>
            !Object.hasOwn(value, givenBy) ||
            this.all(
              names as string[],
              (name) =>
                Object.hasOwn(value, name) ||
                this.fault(keyword, schema, { parent: at, key: name }, undefined, holder, { givenBy }),
            ),
        )
      case 'dependentSchemas':
        return this.all(
          Object.entries(limit as JsonObject),
          ([name, sub]) => !Object.hasOwn(value, name) || this.holds(sub as SchemaNode, value, at, schema, seen),
        )
      default:
        return true
    }
  }

  /** Whether `properties` or `patternProperties` beside `additionalProperties` speak of the field. */
  private isNamed(schema: JsonObject, name: string): boolean {
    if (isObject(schema.properties) && Object.hasOwn(schema.properties, name)) return true
    return (
      isObject(schema.patternProperties) &&
      this.prepared.patternsOf(schema.patternProperties).some(([pattern]) => this.matches(pattern, name))
    )
  }

  private unevaluated(
    keyword: 'unevaluatedProperties' | 'unevaluatedItems',
    schema: JsonObject,
    value: Json,
    at: Place,
    seen: Evaluated,
  ): boolean {
    const sub = schema[keyword] as SchemaNode
    if (keyword === 'unevaluatedItems') {
      if (!Array.isArray(value)) return true
      const ok = this.all(
        value,
        (item, i) => seen.hasItem(i) || this.holds(sub, item, { parent: at, key: i }, schema, null),
      )
      seen.upTo(Infinity)
      return ok
    }
    if (!isObject(value)) return true
    return this.all(Object.keys(value), (name) => {
      if (seen.hasField(name)) return true
      seen.field(name)
      return this.holds(sub, value[name]!, { parent: at, key: name }, schema, null)
    })
  }

  /** Whether all hold; each is looked at only where faults are told. */
  private all<T>(list: readonly T[], holds: (item: T, index: number) => boolean): boolean {
    let ok = true
    for (const [i, item] of list.entries()) {
      this.meter.take(0.25)
      if (holds(item, i)) continue
      ok = false
      if (!this.faults) return false
    }
    return ok
  }

  private matches(pattern: Pattern, text: string): boolean {
    if (!pattern.linear && !this.meter.backtracking) throw new CheckTooLong('its pattern can take for ever')
    this.meter.take(2 + (text.length * Math.min(pattern.size, 200)) / 200)
    return pattern.test(text)
  }

  private lengthOf(text: string): number {
    this.meter.take(text.length / 64)
    let length = 0
    for (let i = 0; i < text.length; i++, length++) if (text.codePointAt(i)! > 0xffff) i++
    return length
  }

  /** Equal values have equal text, whatever the order of their fields. */
  private text(value: Json): string {
    if (typeof value !== 'object' || value === null) return equalityText(value)
    let text = this.texts.get(value)
    if (text === undefined) {
      text = equalityText(value)
      this.texts.set(value, text)
      this.meter.take(text.length / 32)
    }
    return text
  }

  private fault(
    keyword: string,
    schema: JsonObject,
    at: Place,
    value: Json | undefined,
    holder: JsonObject,
    more?: Partial<Fault>,
  ): false {
    if (!this.faults) return false
    this.faults.push({ keyword, keys: keysOf(at), value, schema, holder, ...more })
    if (this.faults.length >= MOST_FAULTS) throw new Enough()
    return false
  }
}

function keysOf(at: Place): (string | number)[] {
  const keys: (string | number)[] = []
  for (let place = at; place; place = place.parent) keys.unshift(place.key)
  return keys
}

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

function numberFits(keyword: string, limit: Json, value: number): boolean {
  switch (keyword) {
    case 'minimum':
      return value >= Number(limit)
    case 'maximum':
      return value <= Number(limit)
    case 'exclusiveMinimum':
      return value > Number(limit)
    case 'exclusiveMaximum':
      return value < Number(limit)
    case 'multipleOf':
      return isMultipleOf(value, Number(limit))
    default:
      return true
  }
}
