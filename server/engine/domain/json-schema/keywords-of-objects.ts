import { isObject, type JsonObject, type SchemaNode } from '../schema-walk'
import { testing, type Keyword, type Spot, type Walker } from './walker'

/** The keywords that check objects. */
export const OBJECT_KEYWORDS: Record<string, Keyword<JsonObject>> = {
  required: (names, spot, walk, keyword) => walk.all(names as string[], (name) => hasField(name, spot, walk, keyword)),

  minProperties: testing((fields, least) => Object.keys(fields).length >= Number(least)),
  maxProperties: testing((fields, most) => Object.keys(fields).length <= Number(most)),

  properties: (schemas, spot, walk) =>
    walk.all(
      Object.keys(schemas as JsonObject),
      (name) =>
        !Object.hasOwn(spot.value, name) ||
        fieldHolds((schemas as Record<string, SchemaNode>)[name]!, name, spot, walk),
    ),

  patternProperties: (schemas, spot, walk) =>
    walk.all(walk.prepared.patternsOf(schemas as JsonObject, walk.meter), ([pattern, sub]) =>
      walk.all(Object.keys(spot.value), (name) => !walk.matches(pattern, name) || fieldHolds(sub, name, spot, walk)),
    ),

  additionalProperties: (sub, spot, walk) =>
    walk.all(
      Object.keys(spot.value),
      (name) => isNamedBySchema(spot.schema, name, walk) || fieldHolds(sub as SchemaNode, name, spot, walk),
    ),

  propertyNames: (sub, spot, walk, keyword) =>
    walk.all(
      Object.keys(spot.value),
      (name) =>
        walk.wouldHold(sub as SchemaNode, name, null, spot.schema, null) ||
        walk.faultWithin(keyword, spot, name, { value: name }),
    ),

  dependentRequired: (lists, spot, walk, keyword) =>
    walk.all(
      Object.entries(lists as JsonObject),
      ([givenBy, names]) =>
        !Object.hasOwn(spot.value, givenBy) ||
        walk.all(names as string[], (name) => hasField(name, spot, walk, keyword, { givenBy })),
    ),

  dependentSchemas: (schemas, { schema, value, at, seen }, walk) =>
    walk.all(
      Object.entries(schemas as JsonObject),
      ([name, sub]) => !Object.hasOwn(value, name) || walk.holds(sub as SchemaNode, value, at, schema, seen),
    ),
}

function fieldHolds(
  sub: SchemaNode,
  name: string,
  { schema, value, at, seen }: Spot<JsonObject>,
  walk: Walker,
): boolean {
  seen?.field(name)
  return walk.holds(sub, value[name]!, { parent: at, key: name }, schema, null)
}

const hasField = (name: string, spot: Spot<JsonObject>, walk: Walker, keyword: string, more?: { givenBy: string }) =>
  Object.hasOwn(spot.value, name) || walk.faultWithin(keyword, spot, name, { value: undefined, ...more })

/**
 * True where `properties` or `patternProperties` of the same schema name the field. `additionalProperties` leaves such
 * a field alone.
 */
function isNamedBySchema(schema: JsonObject, name: string, walk: Walker): boolean {
  if (isObject(schema.properties) && Object.hasOwn(schema.properties, name)) return true
  return (
    isObject(schema.patternProperties) &&
    walk.prepared.patternsOf(schema.patternProperties, walk.meter).some(([pattern]) => walk.matches(pattern, name))
  )
}
