import { pathOf } from '@/server/engine/domain/parameter-path'

/** A place in the parameters where a search can look. */
export interface SchemaPath {
  path: string
  /** The title that the schema gives to it. */
  title: string
  /** The values that the schema allows, where it lists them. */
  values: string[]
}

/** Levels below which no places are suggested. Fields, the items of lists, and branches such as `allOf` are levels. */
const DEEPEST = 5
/** The most places that are suggested for all schemas together. */
const MOST = 300

type Schema = Record<string, unknown>

/**
 * The places that parameter schemas name, written as `args` of the API takes them. Sensitive values can never be found,
 * so their places are left out.
 */
export function schemaPaths(schemas: Iterable<unknown>): SchemaPath[] {
  const found = new Map<string, SchemaPath>()
  for (const schema of schemas) if (isSchema(schema)) walk(schema, schema, [], 0, found)
  return [...found.values()]
}

function walk(
  schema: Schema,
  root: Schema,
  steps: readonly string[],
  depth: number,
  found: Map<string, SchemaPath>,
): void {
  const here = withReferenceFollowed(schema, root)
  if (!here || depth > DEEPEST || found.size >= MOST || here['x-sensitive'] === true) return
  const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => (Array.isArray(here[name]) ? here[name] : []))
  for (const branch of branches) if (isSchema(branch)) walk(branch, root, steps, depth + 1, found)
  const { properties, items } = here
  if (isSchema(properties))
    for (const [name, field] of Object.entries(properties))
      if (isSchema(field)) walk(field, root, [...steps, name], depth + 1, found)
  // A search names an item by its number. The first one stands for all of a list.
  if (isSchema(items) && steps.length > 0) walk(items, root, [...steps, '0'], depth + 1, found)
  const path = pathOf(steps)
  if (path && !isSchema(properties) && !isSchema(items) && branches.length === 0 && !found.has(path))
    found.set(path, { path, title: typeof here.title === 'string' ? here.title : '', values: valuesOf(here) })
}

/** Follows a `$ref` into the schema's own definitions, once. The definition may not be another `$ref`. */
function withReferenceFollowed(schema: Schema, root: Schema): Schema | null {
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec($ref)?.[1]
  const definitions = root.$defs ?? root.definitions
  const target =
    name !== undefined && isSchema(definitions) && Object.hasOwn(definitions, name) ? definitions[name] : null
  return isSchema(target) && target.$ref === undefined ? target : null
}

function valuesOf({ enum: allowed, const: one, type }: Schema): string[] {
  const values = Array.isArray(allowed) ? allowed : one !== undefined ? [one] : type === 'boolean' ? [true, false] : []
  return values.filter((value) => value !== null && typeof value !== 'object').map(String)
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
