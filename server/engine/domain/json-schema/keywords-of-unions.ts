import type { SchemaNode } from '../schema-walk'
import type { Keyword, Spot, Walker } from './walker'

/**
 * The keywords that hold the same value against further schemas. What is checked there counts for `unevaluated…` here
 * too, so all of them but `not` pass on `seen`. What a value must not fit says nothing about its fields.
 */
export const UNION_KEYWORDS: Record<string, Keyword> = {
  $ref: (ref, spot, walk) => walk.holdsReferred(walk.prepared.target(String(ref)), spot),

  allOf: (schemas, { schema, value, at, seen }, walk) =>
    walk.all(schemas as SchemaNode[], (sub) => walk.holds(sub, value, at, schema, seen)),

  anyOf: (branches, spot, walk) => {
    const { schema, value, at, seen } = spot
    let ok = false
    for (const branch of branches as SchemaNode[]) {
      if (!walk.wouldHold(branch, value, at, schema, seen)) continue
      ok = true
      // The other branches are asked too, because `unevaluated…` needs to know every field that they check.
      if (!seen) break
    }
    return ok || noUnion('anyOf', branches as SchemaNode[], spot, walk, 0)
  },

  oneOf: (branches, spot, walk) => {
    const { schema, value, at, seen } = spot
    let matches = 0
    for (const branch of branches as SchemaNode[]) {
      if (walk.wouldHold(branch, value, at, schema, seen)) matches++
      if (matches > 1 && !walk.tellsAll) return false // Nobody reads the faults.
    }
    return matches === 1 || noUnion('oneOf', branches as SchemaNode[], spot, walk, matches)
  },

  not: (forbidden, spot, walk, keyword) =>
    !walk.wouldHold(forbidden as SchemaNode, spot.value, spot.at, spot.schema, null) || walk.fault(keyword, spot),

  if: (condition, { schema, value, at, seen }, walk) => {
    const applies = walk.wouldHold(condition as SchemaNode, value, at, schema, seen)
    const next = applies ? schema.then : schema.else
    return next === undefined || walk.holds(next as SchemaNode, value, at, schema, seen)
  },
}

/**
 * Reports that a value does not fit a union. Where it fits no branch, the faults of each branch are added: the message
 * then speaks of the branch that was probably meant.
 */
function noUnion(keyword: string, branches: readonly SchemaNode[], spot: Spot, walk: Walker, matches: number): false {
  if (!walk.tellsAll) return false
  const inside = matches === 0 ? walk.faultsOfBranches(branches, spot) : undefined
  return walk.fault(keyword, spot, { matches, ...(inside && { branches: inside }) })
}
