import { EXAMPLE } from '../procedure-meta'
import { responsesOf } from './refusals'
import type { JsonSchema, OpenApiDocument } from './types'
import { UPLOAD_ROUTES } from './upload-routes'

const live: JsonSchema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ok'] } },
}
/** As server/deployment/readiness.ts answers. */
const ready: JsonSchema = {
  type: 'object',
  required: ['status', 'database', 'migrations', 'store', 'workers'],
  properties: {
    status: {
      type: 'string',
      enum: ['ok', 'degraded', 'down'],
      description: 'down: calls cannot be served. degraded: they are, but no jobs run.',
    },
    database: { type: 'boolean', description: 'Whether the database answers within two seconds.' },
    migrations: {
      type: ['string', 'null'],
      enum: ['current', 'older', 'newer', null],
      description: 'Of the database, as seen from this version. Null where it does not answer.',
    },
    store: {
      type: ['boolean', 'null'],
      description: 'Whether workers reach BullMQ’s store. Null where no worker is alive to say so.',
    },
    workers: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description: 'How many workers are alive, by pool.',
    },
  },
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
        {
          name: 'jobId',
          in: 'path',
          required: true,
          schema: { type: 'string', format: 'uuid' },
          example: EXAMPLE.jobId,
        },
        { name: 'name', in: 'path', required: true, schema: { type: 'string' }, example: 'report.pdf' },
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
  ...UPLOAD_ROUTES,
  '/api/health/live': {
    get: {
      operationId: 'health_live',
      tags: ['health'],
      summary: 'Says whether the process is alive',
      description: 'For probes.',
      security: [],
      responses: { 200: { description: 'The process is alive.', content: { 'application/json': { schema: live } } } },
    },
  },
  '/api/health/ready': {
    get: {
      operationId: 'health_ready',
      tags: ['health'],
      summary: 'Says whether calls can be served, and whether jobs run',
      description:
        'For probes. `degraded` is 200, because calls are served: no worker is alive, or none of them reaches BullMQ’s store.',
      security: [],
      responses: {
        200: { description: 'Calls are served.', content: { 'application/json': { schema: ready } } },
        503: {
          description: 'The database does not answer, or has migrations with which this version does not run.',
          content: { 'application/json': { schema: ready } },
        },
      },
    },
  },
}
