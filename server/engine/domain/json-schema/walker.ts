import type { JsonObject, SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import type { Evaluated } from './evaluated'
import type { Meter } from './meter'
import type { Pattern } from './patterns'
import type { Prepared } from './prepared'

/** A keyword that a value does not fit. */
export interface Fault {
  keyword: string
  /** Where in the value the fault is. For a missing field: where the field should be. */
  keys: (string | number)[]
  value: Json | undefined
  /** The schema that has the keyword. */
  schema: JsonObject
  /** The schema around that one. */
  holder: JsonObject
  /** For `anyOf` and `oneOf`: the faults in each branch, where they were collected. */
  branches?: Fault[][]
  /** For `anyOf` and `oneOf`: how many branches the value fits. */
  matches?: number
  /** For `uniqueItems`: the places of two equal items. */
  items?: [number, number]
  /** For `dependentRequired`: the field that makes this one required. */
  requiredBy?: string
}

/** Where a value stands inside the whole value. Null for the whole value itself. */
export type Place = { parent: Place; key: string | number } | null

/** A value together with the schema that it is checked against. */
export interface Spot<Value extends Json = Json> {
  schema: JsonObject
  value: Value
  at: Place
  /** The schema around this one. */
  holder: JsonObject
  /**
   * Which fields and items of the value this schema has checked so far. Null where no schema here has an `unevaluated…`
   * keyword that would ask.
   */
  seen: Evaluated | null
}

/** What a keyword may ask of the walk that calls it: the check of one value, which walks through the value and the schema. */
export interface Walker {
  readonly prepared: Prepared
  readonly meter: Meter
  /** True where all faults are collected. False where the walk stops at the first fault. */
  readonly tellsAll: boolean
  /**
   * True where a value fits a schema. Reports the faults. `seen` is the record of a schema around this one that looks at
   * the same value. It is null for a part of a value, whose fields and items say nothing about the whole.
   */
  holds(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean
  /** True where a value fits a schema. Reports no fault, for schemas that it need not fit, such as a branch of a union. */
  wouldHold(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean
  /** True where the value of a spot fits the schema that a `$ref` leads to. */
  holdsReferred(target: SchemaNode, spot: Spot): boolean
  /** True where all items pass. After one that does not, the rest is checked only where all faults are collected. */
  all<T>(list: readonly T[], holds: (item: T, index: number) => boolean): boolean
  /** The faults in each branch of a union. Undefined where too many unions lie inside each other. */
  faultsOfBranches(branches: readonly SchemaNode[], spot: Spot): Fault[][] | undefined
  /** True where a text matches a pattern. @throws CheckTooLong */
  matches(pattern: Pattern, text: string): boolean
  /** A text that is the same for equal values only, whatever the order of their fields. */
  text(value: Json): string
  /** Reports a fault of the spot's value. */
  fault(keyword: string, spot: Spot, more?: Partial<Fault>): false
  /** Reports a fault of one field or item of the spot's value. */
  faultWithin(keyword: string, spot: Spot, key: string | number, more: Partial<Fault>): false
}

/**
 * Checks a value against one keyword. Returns true where the value fits. Before it returns false, it reports the fault.
 *
 * @param limit the keyword's own value in the schema, such as 5 in `"minLength": 5`
 */
export type Keyword<Value extends Json = Json> = (
  limit: Json,
  spot: Spot<Value>,
  walk: Walker,
  keyword: string,
) => boolean

/** Makes a keyword from a check of the value alone. Where the value does not pass, the keyword reports one fault. */
export const simpleCheck =
  <Value extends Json>(passes: (value: Value, limit: Json, walk: Walker) => boolean): Keyword<Value> =>
  (limit, spot, walk, keyword) =>
    passes(spot.value, limit, walk) || walk.fault(keyword, spot)
