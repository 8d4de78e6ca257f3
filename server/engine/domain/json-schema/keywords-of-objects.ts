import { isObject, type JsonObject, type SchemaNode } from '../schema-walk'
import { simpleCheck, type Keyword, type Spot, type Walker } from './walker'

/**
 * Checks for the keywords of JSON Schema that look at objects. Each gets the keyword's value in the schema: the list
 * after `required`, the number after `minProperties`, and so on. It returns true where the object fits, and reports a
 * fault before it returns false (see `Keyword` in walker.ts). So `fits || walk.fault…` reads: where it does not fit,
 * report it.
 *
 * `unevaluatedProperties` is in evaluate.ts, because it depends on all other keywords.
 */
export const OBJECT_KEYWORDS: Record<string, Keyword<JsonObject>> = {
  required: (names, spot, walk, keyword) =>
    walk.all(names as string[], (name) => requireField(name, spot, walk, keyword)),

  minProperties: simpleCheck((fields, least) => Object.keys(fields).length >= Number(least)),
  maxProperties: simpleCheck((fields, most) => Object.keys(fields).length <= Number(most)),

  properties: (schemas, spot, walk) =>
    walk.all(
      Object.keys(schemas as JsonObject),
      (name) =>
        !Object.hasOwn(spot.value, name) || fieldFits((schemas as Record<string, SchemaNode>)[name]!, name, spot, walk),
    ),

  patternProperties: (schemas, spot, walk) =>
    walk.all(walk.prepared.patternsOf(schemas as JsonObject, walk.meter), ([pattern, sub]) =>
      walk.all(Object.keys(spot.value), (name) => !walk.matches(pattern, name) || fieldFits(sub, name, spot, walk)),
    ),

  additionalProperties: (sub, spot, walk) =>
    walk.all(
      Object.keys(spot.value),
      (name) => isNamedBySchema(spot.schema, name, walk) || fieldFits(sub as SchemaNode, name, spot, walk),
    ),

  // A field's name has no place of its own in the value. So its faults are not listed one by one: one fault at the field
  // says it.
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
      ([requiredBy, names]) =>
        !Object.hasOwn(spot.value, requiredBy) ||
        walk.all(names as string[], (name) => requireField(name, spot, walk, keyword, { requiredBy })),
    ),

  // The same object is checked, so the fields that are checked there count for `unevaluatedProperties` here too.
  dependentSchemas: (schemas, spot, walk) =>
    walk.all(
      Object.entries(schemas as JsonObject),
      ([name, sub]) =>
        !Object.hasOwn(spot.value, name) || walk.holds(sub as SchemaNode, spot.value, spot.at, spot.schema, spot.seen),
    ),
}

function fieldFits(sub: SchemaNode, name: string, spot: Spot<JsonObject>, walk: Walker): boolean {
  // It counts as checked also where it does not fit. Otherwise `unevaluatedProperties` would report it a second time.
  spot.seen?.addField(name)
  // A field has a record of its own, so what is checked inside it is not noted here.
  return walk.holds(sub, spot.value[name]!, { parent: spot.at, key: name }, spot.schema, null)
}

/** True where the object has the field. Otherwise the missing field is reported. */
const requireField = (
  name: string,
  spot: Spot<JsonObject>,
  walk: Walker,
  keyword: string,
  more?: { requiredBy: string },
) => Object.hasOwn(spot.value, name) || walk.faultWithin(keyword, spot, name, { value: undefined, ...more })

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
