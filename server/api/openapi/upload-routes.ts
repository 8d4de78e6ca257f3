import { EXAMPLE } from '../procedure-meta'
import { responsesOf } from './refusals'
import type { JsonSchema, OpenApiDocument, Operation } from './types'

const uploaded: JsonSchema = {
  type: 'object',
  required: ['uploadId', 'size'],
  properties: { uploadId: { type: 'string', format: 'uuid' }, size: { type: 'integer', description: 'Bytes.' } },
}
const uploadState: JsonSchema = {
  type: 'object',
  required: ['uploadId', 'name', 'contentType', 'size', 'received', 'complete'],
  properties: {
    uploadId: { type: 'string', format: 'uuid' },
    name: { type: ['string', 'null'] },
    contentType: { type: 'string' },
    size: { type: ['integer', 'null'], description: 'Bytes of the whole file.' },
    received: { type: 'integer', description: 'Bytes that are there.' },
    complete: { type: 'boolean' },
  },
}
const text: JsonSchema = { type: 'string' }
const header = (name: string, description: string, schema = text) => ({
  name,
  in: 'header' as const,
  required: false,
  description,
  schema,
})
const id = {
  name: 'uploadId',
  in: 'path' as const,
  required: true,
  schema: { type: 'string', format: 'uuid' } as const,
  example: EXAMPLE.uploadId,
}
const ALWAYS = ['UNAUTHENTICATED', 'RATE_LIMITED', 'NOT_PERMITTED', 'NOT_FOUND', 'UNAVAILABLE', 'INTERNAL'] as const

const post: Operation = {
  operationId: 'uploads_post',
  tags: ['uploads'],
  summary: 'Uploads a file',
  description:
    'The body is the file itself, with its Content-Type. With `Upload-Length` there is no body: the file then comes in pieces, by PATCH to the address in `Location` (tus protocol 1.0.0).',
  parameters: [
    {
      name: 'organizationId',
      in: 'query',
      required: true,
      schema: { type: 'string', format: 'uuid' },
      example: EXAMPLE.organizationId,
    },
    {
      name: 'name',
      in: 'query',
      required: false,
      description: 'What people call the file.',
      schema: text,
      example: 'people.csv',
    },
    header('Upload-Length', 'Bytes of a file that comes in pieces.', { type: 'integer' }),
    header('Upload-Metadata', '`filename` and `filetype` of a file that comes in pieces, each in base64.'),
  ],
  requestBody: {
    required: false,
    description: 'The bytes of the file. With `Upload-Length` there is no body.',
    content: { '*/*': { schema: {} } },
  },
  responses: {
    201: { description: 'The upload.', content: { 'application/json': { schema: uploaded } } },
    ...responsesOf([...ALWAYS, 'INVALID_INPUT', 'ORGANIZATION_SUSPENDED', 'TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']),
  },
}

/** Files that are uploaded (docs/uploads.md). */
export const UPLOAD_ROUTES: OpenApiDocument['paths'] = {
  '/api/uploads': { post },
  '/api/uploads/{uploadId}': {
    get: {
      operationId: 'uploads_get',
      tags: ['uploads'],
      summary: 'Says what is there of an upload',
      description: 'HEAD gives the same in the headers `Upload-Offset` and `Upload-Length`.',
      parameters: [id],
      responses: {
        200: { description: 'The upload.', content: { 'application/json': { schema: uploadState } } },
        ...responsesOf(ALWAYS),
      },
    },
    patch: {
      operationId: 'uploads_patch',
      tags: ['uploads'],
      summary: 'Adds the next piece to an upload',
      description: 'What had come of a piece whose connection breaks is kept: HEAD says where to go on.',
      parameters: [
        id,
        { ...header('Upload-Offset', 'Where this piece begins.', { type: 'integer' }), required: true, example: 0 },
      ],
      requestBody: {
        required: true,
        description: 'The bytes of this piece.',
        content: { 'application/offset+octet-stream': { schema: {} } },
      },
      responses: {
        204: { description: 'It is there. `Upload-Offset` says how many bytes there are now.' },
        ...responsesOf([...ALWAYS, 'INVALID_INPUT', 'CHANGED_MEANWHILE', 'TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']),
      },
    },
    delete: {
      operationId: 'uploads_delete',
      tags: ['uploads'],
      summary: 'Gives up an upload that is not whole',
      description: 'A whole one goes by itself, a day after it was last needed.',
      parameters: [id],
      responses: { 204: { description: 'It is gone.' }, ...responsesOf([...ALWAYS, 'CHANGED_MEANWHILE']) },
    },
  },
}
