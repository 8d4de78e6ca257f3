import type { Content, JsonSchema, OpenApiDocument, Operation } from '@/server/api/openapi/types'

/** One thing that can be called: its meaning, its input, its answer, its refusals, and an example. */
export interface Entry {
  /** The fragment of the address that leads to this entry, such as `jobs.submit`. */
  id: string
  title: string
  path: string
  /** The HTTP method, such as `GET`. */
  method: string
  /** True for a subscription: its answer is a stream of events. */
  streams: boolean
  /** The JSON that the call takes. Null where it takes none. */
  input: Content[string] | null
  /** The schema of the answer's data. For a stream it is the schema of one event. Null where the answer is no JSON. */
  output: JsonSchema | null
  operation: Operation
}

const PROCEDURES = '/api/trpc/'
const JSON_TYPE = 'application/json'

/** Everything that the document describes, in its order. */
export const entriesOf = (document: OpenApiDocument): Entry[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => {
      const [, answer] = answersOf(operation)[0] ?? []
      const id = operation.operationId.replaceAll('_', '.')
      return {
        id,
        title: path.startsWith(PROCEDURES) ? id : path,
        path,
        method: method.toUpperCase(),
        streams: answer?.content?.['text/event-stream'] !== undefined,
        input:
          (operation.requestBody ?? operation.parameters?.find(({ content }) => content))?.content?.[JSON_TYPE] ?? null,
        output: outputOf(answer?.content),
        operation,
      }
    }),
  )

type Response = Operation['responses'][string]

/** The answers to a call that is not refused, by HTTP status. */
export const answersOf = ({ responses }: Operation): [string, Response][] =>
  Object.entries(responses).filter(([status]) => Number(status) < 300)

/** The schema of a procedure's data, without the envelope around it. */
function outputOf(content: Response['content']): Entry['output'] {
  const json = content?.[JSON_TYPE]?.schema
  return json?.properties?.result?.properties?.data ?? json ?? content?.['text/event-stream']?.schema ?? null
}

/** The content type of the body that a call sends. Null where it sends none. */
export function bodyTypeOf({ path, method, operation: { requestBody } }: Entry): string | null {
  // A mutation is sent as JSON also where it takes no input.
  if (path.startsWith(PROCEDURES)) return method === 'POST' ? JSON_TYPE : null
  return Object.keys(requestBody?.content ?? {})[0] ?? null
}
