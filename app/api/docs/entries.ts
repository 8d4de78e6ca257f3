import type { OpenApiDocument, Operation } from '@/server/api/openapi/types'
import type { Entry, Kind } from './operation-section'

const PROCEDURES = '/api/trpc/'

/** Everything that the document describes, in its order. */
export const entriesOf = (document: OpenApiDocument): Entry[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => {
      const { content } = operation.responses[200] ?? {}
      const kind: Kind = method === 'post' ? 'mutation' : content?.['text/event-stream'] ? 'subscription' : 'query'
      const id = operation.operationId.replaceAll('_', '.')
      return { id, title: path.startsWith(PROCEDURES) ? id : path, path, kind, output: outputOf(content), operation }
    }),
  )

/** The schema of a procedure's data, without the envelope around it. */
function outputOf(content: Operation['responses'][string]['content']): Entry['output'] {
  const json = content?.['application/json']?.schema
  return json?.properties?.result?.properties?.data ?? json ?? content?.['text/event-stream']?.schema ?? null
}
