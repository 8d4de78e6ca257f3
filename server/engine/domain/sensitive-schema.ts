import { isObject, resolveRef, subschemas, type JsonObject, type SchemaNode } from './schema-walk'
import type { Json } from './types'

// What a parameter schema says about sensitive values, apart from any value. It loads no engine for patterns, because
// forms in the browser ask it too.

/** The keyword by which a parameter schema marks sensitive values. */
const KEYWORD = 'x-sensitive'

/** A schema, and what has to be known of it to find what it hides. */
export interface MarkedSchema {
  root: JsonObject
  /** Schemas that are marked as sensitive, or lead to one that is. Only these have to be looked at. */
  leading: ReadonlySet<SchemaNode>
  /** True where a name matches a pattern of `patternProperties`, and in doubt. */
  mayMatch: (pattern: string, name: string) => boolean
  /** Called for each schema that is looked at. */
  onSchema?: () => void
}

/** What is sensitive in a place of the parameters, as the schema says. */
export interface Sensitivity {
  /** The whole value in this place is masked. */
  whole: boolean
  /** The value is masked, or something in it may be. */
  somewhere: boolean
  ofField(name: string): Sensitivity
  /** How sensitive fields are whose names the schema does not list. */
  ofOtherFields(): Sensitivity
  ofItem(index: number): Sensitivity
}

/** What `maskSensitive` would hide in parameters of this schema. In doubt it says that a value is sensitive. */
export const sensitivityOf = (schema: JsonObject, mayMatch: MarkedSchema['mayMatch']): Sensitivity =>
  sensitivityHere([schema], { root: schema, leading: leadingToMarks(schema), mayMatch })

function sensitivityHere(schemas: readonly SchemaNode[], marked: MarkedSchema): Sensitivity {
  const here = applying(schemas, marked)
  const inside = (parts: (schema: JsonObject) => SchemaNode[]) => sensitivityHere(here.flatMap(parts), marked)
  return {
    whole: here.some(isMarked),
    somewhere: here.length > 0,
    ofField: (name) => inside((schema) => memberSchemas(schema, name, marked)),
    ofOtherFields: () => inside(otherMemberSchemas),
    ofItem: (index) => inside((schema) => itemSchemas(schema, index)),
  }
}

/** All schemas that look at the same value as the given ones, with the given ones, each once. */
export function applying(schemas: readonly SchemaNode[], { root, leading, onSchema }: MarkedSchema): JsonObject[] {
  const found = new Set<JsonObject>()
  const open = [...schemas]
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    onSchema?.()
    if (!isObject(schema) || !leading.has(schema) || found.has(schema)) continue
    found.add(schema)
    if (typeof schema.$ref === 'string') open.push(resolveRef(root, schema.$ref) ?? true)
    // A mark on the names of an object hides the whole object. So the schema of its names counts for the object itself.
    for (const sub of subschemas(schema)) if (sub.sameValue || sub.keys[0] === 'propertyNames') open.push(sub.schema)
  }
  return [...found]
}

export const isMarked = (schema: JsonObject): boolean => schema[KEYWORD] === true

export function itemSchemas(schema: JsonObject, index: number): SchemaNode[] {
  const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
  const own = index < prefix.length ? [prefix[index]] : [schema.items, schema.unevaluatedItems]
  return [...own, schema.contains].filter(isSchema)
}

export function memberSchemas(
  schema: JsonObject,
  name: string,
  { mayMatch }: Pick<MarkedSchema, 'mayMatch'>,
): SchemaNode[] {
  const { properties, patternProperties } = schema
  const own: (Json | undefined)[] = []
  if (isObject(properties) && Object.hasOwn(properties, name)) own.push(properties[name])
  if (isObject(patternProperties)) {
    for (const [pattern, sub] of Object.entries(patternProperties)) {
      if (mayMatch(pattern, name)) own.push(sub)
    }
  }
  if (own.length === 0) own.push(schema.additionalProperties, schema.unevaluatedProperties)
  return own.filter(isSchema)
}

function otherMemberSchemas({
  patternProperties,
  additionalProperties,
  unevaluatedProperties,
}: JsonObject): SchemaNode[] {
  const byPattern = isObject(patternProperties) ? Object.values(patternProperties) : []
  return [...byPattern, additionalProperties, unevaluatedProperties].filter(isSchema)
}

const isSchema = (value: Json | undefined): value is SchemaNode => isObject(value) || typeof value === 'boolean'

/** The marked schemas, and all schemas that lead to one. They are found by walking back from the marks. */
export function leadingToMarks(root: JsonObject): Set<SchemaNode> {
  const parents = new Map<SchemaNode, SchemaNode[]>()
  const marks: SchemaNode[] = []
  const seen = new Set<SchemaNode>()
  const open: SchemaNode[] = [root]
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    if (isMarked(schema)) marks.push(schema)
    const children = subschemas(schema).map((sub) => sub.schema)
    if (typeof schema.$ref === 'string') children.push(resolveRef(root, schema.$ref) ?? true)
    for (const child of children) {
      parents.set(child, [...(parents.get(child) ?? []), schema])
      open.push(child)
    }
  }
  const leading = new Set<SchemaNode>()
  for (let schema = marks.pop(); schema !== undefined; schema = marks.pop()) {
    if (leading.has(schema)) continue
    leading.add(schema)
    marks.push(...(parents.get(schema) ?? []))
  }
  return leading
}
