import type { OpenAPIV3_1 as OpenApi } from 'openapi-types'

// The parts of OpenAPI 3.1 that this document uses. Every part stands where it is used, and only schemas are referred
// to by name. The types of openapi-types allow a reference in every place, and each reader would have to resolve it.

type WithSchemas<T> = Omit<T, 'schema' | 'content'> & { schema?: JsonSchema; content?: Content }

/** A JSON Schema as it stands in the document: a schema, or the name of one (`$ref`). */
export interface JsonSchema extends Omit<OpenApi.BaseSchemaObject, 'properties' | 'additionalProperties' | Compound> {
  $ref?: string
  type?: OpenApi.SchemaObject['type']
  properties?: Record<string, JsonSchema>
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
}
type Compound = 'allOf' | 'anyOf' | 'oneOf' | 'not'

/** The schema of what is sent, by content type. */
export type Content = Record<string, Omit<OpenApi.MediaTypeObject, 'schema'> & { schema: JsonSchema }>

export interface Operation extends Pick<OpenApi.OperationObject, 'security'> {
  operationId: string
  tags: string[]
  summary: string
  description: string
  parameters?: WithSchemas<OpenApi.ParameterObject>[]
  requestBody?: WithSchemas<OpenApi.RequestBodyObject> & { content: Content }
  responses: Record<string, WithSchemas<OpenApi.ResponseObject>>
}

export interface OpenApiDocument extends Required<Pick<OpenApi.Document, 'openapi' | 'servers' | 'security' | 'tags'>> {
  info: OpenApi.InfoObject & { description: string }
  /** The operations, by path and then by method. */
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, OpenApi.SecuritySchemeObject> }
}
