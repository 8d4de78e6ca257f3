import type { JsonObject, SchemaNode } from '../schema-walk'
import type { Json } from '../types'
import { simpleCheck, type Keyword, type Spot, type Walker } from './walker'

/** Checks for the keywords of JSON Schema that look at lists. See `OBJECT_KEYWORDS` for how to read them. */
export const LIST_KEYWORDS: Record<string, Keyword<Json[]>> = {
  minItems: simpleCheck((items, least) => items.length >= Number(least)),
  maxItems: simpleCheck((items, most) => items.length <= Number(most)),

  prefixItems: (schemas, { schema, value, at, seen }, walk) => {
    const heads = schemas as SchemaNode[]
    seen?.addItemsBefore(heads.length)
    return walk.all(value.slice(0, heads.length), (item, i) =>
      walk.holds(heads[i]!, item, { parent: at, key: i }, schema, null),
    )
  },

  items: (sub, { schema, value, at, seen }, walk) => {
    const from = Array.isArray(schema.prefixItems) ? schema.prefixItems.length : 0
    seen?.addItemsBefore(Infinity)
    return walk.all(from === 0 ? value : value.slice(from), (item, i) =>
      walk.holds(sub as SchemaNode, item, { parent: at, key: from + i }, schema, null),
    )
  },

  contains: (sub, spot, walk) => {
    const { schema, value, seen } = spot
    const { least, most } = boundsOf(schema)
    let found = 0
    for (const [i, item] of value.entries()) {
      if (!walk.wouldHold(sub as SchemaNode, item, null, schema, null)) continue
      found++
      seen?.addItem(i)
      // The others are asked too where `unevaluatedItems` needs to know each item that fits.
      if (!seen && found >= least && most === Infinity) return true
    }
    if (found < least) return walk.fault(schema.minContains === undefined ? 'contains' : 'minContains', spot)
    return found <= most || walk.fault('maxContains', spot)
  },

  uniqueItems: (wanted, spot, walk, keyword) => {
    const pair = wanted === true ? firstRepetition(spot, walk) : undefined
    return !pair || walk.fault(keyword, spot, { items: pair })
  },
}

/** How many items must fit the schema of `contains`: at least and at most. */
const boundsOf = ({ minContains, maxContains }: JsonObject): { least: number; most: number } => ({
  least: typeof minContains === 'number' ? minContains : 1,
  most: typeof maxContains === 'number' ? maxContains : Infinity,
})

/** The places of the first two items that are equal. */
function firstRepetition({ value }: Spot<Json[]>, walk: Walker): [number, number] | undefined {
  const firsts = new Map<string, number>()
  for (const [i, item] of value.entries()) {
    walk.meter.take(1)
    const text = walk.text(item)
    const first = firsts.get(text)
    if (first !== undefined) return [first, i]
    firsts.set(text, i)
  }
  return undefined
}
