import { z } from '../schemas/zod'
import type { JsonSchema } from './types'

/** The place of named schemas in the document. */
const COMPONENTS = '#/components/schemas/'
export const componentRef = (name: string): string => `${COMPONENTS}${name}`
/** The name of the schema that a reference leads to. */
export const componentName = (ref: string): string => ref.slice(COMPONENTS.length)

/**
 * The JSON Schema of a Zod schema. A schema with an id (`.meta({ id })`) becomes a reference, and is added to
 * `components`.
 *
 * @throws Error if JSON Schema cannot express a type, or two schemas have the same name
 */
export function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Map<string, JsonSchema>,
): JsonSchema {
  const {
    $schema: _,
    $defs = {},
    ...root
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, override: tidy(io) }) as JsonSchema & {
    $schema?: string
    $defs?: Record<string, JsonSchema>
  }
  for (const [name, { id: __, ...definition }] of Object.entries($defs) as [string, JsonSchema & { id?: string }][]) {
    const found = withReferencesOfOpenApi(definition)
    const known = components.get(name)
    if (known && JSON.stringify(known) !== JSON.stringify(found)) throw new Error(`Two schemas are called ${name}.`)
    components.set(name, found)
  }
  return withReferencesOfOpenApi(root)
}

/** Changes references from the place where Zod puts definitions to the place where OpenAPI expects them. */
function withReferencesOfOpenApi(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${COMPONENTS}`)) as JsonSchema
}

const tidy =
  (io: 'input' | 'output') =>
  ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    // The format already tells this, and the patterns are long.
    if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern
    // Answers may gain fields, and a caller must not fail because of them.
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  }
