import { isObject, type JsonObject, type SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import { Evaluated } from './evaluated'
import { rulesFor } from './keywords'
import { CheckTooLong, type Meter } from './meter'
import type { Pattern } from './patterns'
import { equalityText, type Prepared } from './prepared'
import type { Fault, Place, Spot, Walker } from './walker'

/** A check ends at this many faults. A longer list would help nobody. */
export const MOST_FAULTS = 20
/**
 * A union (`anyOf`, `oneOf`) can stand inside another. Down to this depth the faults of each branch are collected.
 * Deeper down they are not, because each level multiplies the work.
 */
const MOST_UNIONS = 2
/** How deep schemas may lead into each other. Beyond it the check gives up, before the call stack overflows. */
const MOST_DEEP = 1_000

/** Thrown to end a walk that has found enough faults. */
class Enough extends Error {}

/** True where `value` fits the schema. The check ends at the first fault. @throws CheckTooLong */
export const fitsSchema = (prepared: Prepared, value: Json, meter: Meter): boolean =>
  new Walk(prepared, meter, null, 0).holds(prepared.root, value, null, {}, null)

/** Everything in `value` that does not fit the schema, up to MOST_FAULTS. @throws CheckTooLong */
export function faultsOf(prepared: Prepared, value: Json, meter: Meter): Fault[] {
  const faults: Fault[] = []
  untilEnough(() => new Walk(prepared, meter, faults, 0).holds(prepared.root, value, null, {}, null))
  return faults
}

/**
 * Walks through a value and its schema together. What each keyword means stands in `keywords.ts`. With `faults` the
 * walk goes on after a fault and collects all of them. Without `faults` it stops at the first one.
 *
 * The walk remembers what a `$ref` answered for an object or a list. So a recursive schema costs at most the size of
 * the schema times the size of the value. Without the memory the cost would double with each level of depth.
 */
class Walk implements Walker {
  readonly tellsAll: boolean
  private readonly remembered = new Map<SchemaNode, Map<object, boolean>>()
  private readonly texts = new WeakMap<object, string>()
  /** The same walk without faults. A keyword such as `not` asks it, because a misfit there is no fault. */
  private readonly quiet: Walk
  private depth = 0

  constructor(
    readonly prepared: Prepared,
    readonly meter: Meter,
    private readonly faults: Fault[] | null,
    private readonly unions: number,
    quiet?: Walk,
  ) {
    this.tellsAll = faults !== null
    this.quiet = quiet ?? (faults ? new Walk(prepared, meter, null, 0) : this)
  }

  holds(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    this.meter.take(1)
    if (schema === true) return true
    if (schema === false) return this.fault('false', { schema: holder, value, at, holder, seen })
    if (++this.depth > MOST_DEEP) throw new CheckTooLong('nested too deep')
    // Only the keywords `unevaluated…` of this schema, or of one around it, read this record.
    const mine = this.prepared.hasUnevaluated ? new Evaluated() : null
    const ok = this.keywordsHold({ schema, value, at, holder, seen: mine })
    this.depth--
    if (ok && mine) seen?.add(mine)
    return ok
  }

  /** Asks each keyword, in the order of the schema. `unevaluated…` come last, because they depend on the others. */
  private keywordsHold(spot: Spot): boolean {
    let ok = true
    for (const { keyword, limit, says } of rulesFor(spot.schema, spot.value)) {
      if (says(limit, spot, this, keyword)) continue
      ok = false
      if (!this.tellsAll) return false
    }
    if (spot.seen === null) return ok
    return this.unevaluatedHolds(spot, spot.seen, ok)
  }

  private unevaluatedHolds(spot: Spot, seen: Evaluated, ok: boolean): boolean {
    const { schema, value, at } = spot
    if (Object.hasOwn(schema, 'unevaluatedProperties') && isObject(value)) {
      const sub = schema.unevaluatedProperties as SchemaNode
      const held = this.all(Object.keys(value), (name) => {
        if (seen.hasField(name)) return true
        seen.addField(name)
        return this.holds(sub, value[name]!, { parent: at, key: name }, schema, null)
      })
      ok &&= held
    }
    if (Object.hasOwn(schema, 'unevaluatedItems') && Array.isArray(value)) {
      const sub = schema.unevaluatedItems as SchemaNode
      const held = this.all(
        value,
        (item, i) => seen.hasItem(i) || this.holds(sub, item, { parent: at, key: i }, schema, null),
      )
      // Only now: noted earlier, every item would have counted as checked.
      seen.addItemsBefore(Infinity)
      ok &&= held
    }
    return ok
  }

  wouldHold(schema: SchemaNode, value: Json, at: Place, holder: JsonObject, seen: Evaluated | null): boolean {
    return this.quiet.holds(schema, value, at, holder, seen)
  }

  holdsReferred(target: SchemaNode, { value, at, holder, seen }: Spot): boolean {
    // Where the schema has `unevaluated…`, a remembered answer would not do: `seen` has to be filled anew each time.
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

  all<T>(list: readonly T[], holds: (item: T, index: number) => boolean): boolean {
    let ok = true
    for (const [i, item] of list.entries()) {
      this.meter.take(0.25)
      if (holds(item, i)) continue
      ok = false
      if (!this.tellsAll) return false
    }
    return ok
  }

  faultsOfBranches(branches: readonly SchemaNode[], { schema, value, at }: Spot): Fault[][] | undefined {
    if (this.unions >= MOST_UNIONS) return undefined
    return branches.map((branch) => {
      const faults: Fault[] = []
      const walk = new Walk(this.prepared, this.meter, faults, this.unions + 1, this.quiet)
      untilEnough(() => walk.holds(branch, value, at, schema, null))
      return faults
    })
  }

  matches(pattern: Pattern, text: string): boolean {
    if (!pattern.linear && !this.meter.backtracking) throw new CheckTooLong('its pattern can take for ever')
    this.meter.take(pattern.steps(text.length))
    return pattern.test(text)
  }

  text(value: Json): string {
    if (typeof value !== 'object' || value === null) return equalityText(value)
    let text = this.texts.get(value)
    if (text === undefined) {
      text = equalityText(value)
      this.texts.set(value, text)
      this.meter.take(text.length / 32)
    }
    return text
  }

  fault(keyword: string, { schema, value, at, holder }: Spot, more?: Partial<Fault>): false {
    if (!this.faults) return false
    this.faults.push({ keyword, keys: keysOf(at), value, schema, holder, ...more })
    if (this.faults.length >= MOST_FAULTS) throw new Enough()
    return false
  }

  faultWithin(keyword: string, spot: Spot, key: string | number, more: Partial<Fault>): false {
    return this.faults !== null && this.fault(keyword, spot, { keys: [...keysOf(spot.at), key], ...more })
  }
}

/** The names and indexes that lead from the whole value to a place in it. */
function keysOf(at: Place): (string | number)[] {
  const keys: (string | number)[] = []
  for (let place = at; place; place = place.parent) keys.unshift(place.key)
  return keys
}

/** Runs a walk until it ends or has found enough faults. */
function untilEnough(walk: () => unknown): void {
  try {
    walk()
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
}
