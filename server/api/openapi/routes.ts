import { responsesOf } from './refusals'
import type { JsonSchema, OpenApiDocument } from './types'

const health: JsonSchema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ok', 'unavailable'] }, database: { type: 'boolean' } },
}

/** Addresses that are not procedures, such as files and probes. */
export const ROUTES: OpenApiDocument['paths'] = {
  '/api/artifacts/{jobId}/{name}': {
    get: {
      operationId: 'artifacts_get',
      tags: ['artifacts'],
      summary: 'Downloads an artifact',
      description: 'The bytes of a file that a handler left, all or a range of them. An artifact’s `url` is this path.',
      parameters: [
        { name: 'jobId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
        { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
      ],
      responses: {
        200: {
          description: 'The whole file, as an attachment of its content type.',
          content: { '*/*': { schema: {} } },
        },
        206: { description: 'The range that was asked for.', content: { '*/*': { schema: {} } } },
        416: { description: 'The file has no such range.' },
        ...responsesOf(['UNAUTHENTICATED', 'RATE_LIMITED', 'NOT_FOUND', 'UNAVAILABLE', 'INTERNAL']),
      },
    },
  },
  '/api/health/live': {
    get: {
      operationId: 'health_live',
      tags: ['health'],
      summary: 'Says whether the process is alive',
      description: 'For probes.',
      security: [],
      responses: { 200: { description: 'It does.', content: { 'application/json': { schema: health } } } },
    },
  },
  '/api/health/ready': {
    get: {
      operationId: 'health_ready',
      tags: ['health'],
      summary: 'Says whether the process can serve',
      description: 'For probes.',
      security: [],
      responses: {
        200: { description: 'It can.', content: { 'application/json': { schema: health } } },
        503: { description: 'The database does not answer.', content: { 'application/json': { schema: health } } },
      },
    },
  },
}
