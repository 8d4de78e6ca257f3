import type { JsonObject, SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import type { Evaluated } from './evaluated'
import type { Meter } from './meter'
import type { Pattern } from './patterns'
import type { Prepared } from './prepared'

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

/** Where a value stands; null: it is the whole. */
export type Place = { parent: Place; key: string | number } | null

/** A value, and the schema that it is held against. */
export interface Spot<Value extends Json = Json> {
  schema: JsonObject
  value: Value
  at: Place
  /** The schema around this one. */
  holder: JsonObject
  /** Which fields and items have been looked at; null where nobody asks. */
  seen: Evaluated | null
}

/** What a keyword may ask of the walk that has come to it. */
export interface Walker {
  readonly prepared: Prepared
  readonly meter: Meter
  /** False where the first fault is the answer, so that whatever comes after it need not be looked at. */
  readonly tellsAll: boolean
  /** Whether a value fits a schema; faults are told. */
  holds(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean
  /** The same, but no fault is told. */
  wouldHold(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean
  /** Whether the value of a spot fits the target of a reference. */
  holdsReferred(target: SchemaNode, spot: Spot): boolean
  /** Whether all hold; after the first that does not, the others are looked at only where all faults are told. */
  all<T>(list: readonly T[], holds: (item: T, index: number) => boolean): boolean
  /** The faults of each branch of a union; undefined inside of so many unions that it would be too much work. */
  faultsOfBranches(branches: readonly SchemaNode[], spot: Spot): Fault[][] | undefined
  matches(pattern: Pattern, text: string): boolean
  /** Equal values have equal text, whatever the order of their fields. */
  text(value: Json): string
  /** Tells a fault of the value itself. */
  fault(keyword: string, spot: Spot, more?: Partial<Fault>): false
  /** Tells a fault of one of its fields or items. */
  faultWithin(keyword: string, spot: Spot, key: string | number, more: Partial<Fault>): false
}

/**
 * What a keyword says of a value: true where it fits. One that says false has told its fault.
 *
 * @param limit what stands beside the keyword in the schema.
 */
export type Keyword<Value extends Json = Json> = (
  limit: Json,
  spot: Spot<Value>,
  walk: Walker,
  keyword: string,
) => boolean

/** A keyword whose only fault is that the value does not pass a test. */
export const testing =
  <Value extends Json>(passes: (value: Value, limit: Json, walk: Walker) => boolean): Keyword<Value> =>
  (limit, spot, walk, keyword) =>
    passes(spot.value, limit, walk) || walk.fault(keyword, spot)
