import type { AnyRouter } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { REFUSALS } from '@/server/engine/domain/errors'
import { toJsonSchema } from './json-schema'
import { proceduresOf, type Procedure } from './procedures'
import { explained, refusalsOf, responsesOf } from './refusals'
import { ROUTES } from './routes'
import type { Content, JsonSchema, OpenApiDocument, Operation } from './types'

/** The path under which a procedure is called. */
export const pathOf = ({ path }: Pick<Procedure, 'path'>): string => `/api/trpc/${path}`
/** The noun of a procedure, such as `jobs` for `jobs.submit`. */
const nounOf = ({ path }: Pick<Procedure, 'path'>): string => path.slice(0, path.lastIndexOf('.'))

/** Describes a router, and the few routes beside it, for callers in any programming language. */
export function openApiDocument(
  router: AnyRouter,
  { origin, version }: { origin: string; version: string },
): OpenApiDocument {
  const schemas = new Map<string, JsonSchema>()
  const procedures = proceduresOf(router)
  const paths = Object.fromEntries(
    procedures.map((procedure) => [
      pathOf(procedure),
      { [procedure.kind === 'mutation' ? 'post' : 'get']: operation(procedure, schemas) },
    ]),
  )
  return {
    openapi: '3.1.1',
    info: { title: 'Jobyard', version, description: INTRODUCTION, license: { name: 'MIT' } },
    servers: [{ url: origin }],
    security: [{ apiKey: [] }, { session: [] }],
    tags: [
      ...new Set([
        ...procedures.map(nounOf),
        ...Object.values(ROUTES).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags)),
      ]),
    ].map((name) => ({ name })),
    paths: { ...paths, ...ROUTES },
    components: {
      schemas: { ...Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))), Error: ERROR },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of an organization, or of the platform.' },
        attemptToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The token that came with the request to carry out a job (`http.request`). It is valid for that attempt and for nothing else.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'next-auth.session-token',
          description: 'The session of the dashboard (`__Secure-next-auth.session-token` behind TLS).',
        },
      },
    },
  }
}

function operation(procedure: Procedure, schemas: Map<string, JsonSchema>): Operation {
  const { path, kind, meta, input, output } = procedure
  if (!meta || !output) throw new Error(`${path} does not say what it does.`)
  const schema = input && toJsonSchema(input, 'input', schemas)
  const required = input !== undefined && !input.safeParse(undefined).success
  const content: Content | undefined = schema && { 'application/json': { schema, example: meta.example } }
  const data = toJsonSchema(output, 'output', schemas)
  const security = SECURITY[procedure.caller]
  return {
    operationId: path.replaceAll('.', '_'),
    tags: [nounOf(procedure)],
    summary: meta.summary,
    description:
      kind === 'subscription'
        ? [meta.description, REFUSED_IN_STREAM, ...refusalsOf(procedure).map(explained)].join('\n\n')
        : meta.description,
    ...(security && { security }),
    ...(content && kind === 'mutation' ? { requestBody: { required, content } } : {}),
    ...(content && kind !== 'mutation'
      ? {
          parameters: [
            { name: 'input', in: 'query', required, description: 'The input as JSON, percent-encoded.', content },
          ],
        }
      : {}),
    responses:
      kind === 'subscription' ? { 200: events(data) } : { 200: answer(data), ...responsesOf(refusalsOf(procedure)) },
  }
}

type Answer = Operation['responses'][string]

const answer = (data: JsonSchema): Answer => ({
  description: 'Done.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: { result: { type: 'object', properties: { data }, required: ['data'] } },
        required: ['result'],
      },
    },
  },
})

/** OpenAPI 3.1 cannot describe a stream. The schema describes the data of each event. */
const events = (data: JsonSchema): Answer => ({
  description: STREAM,
  content: { 'text/event-stream': { schema: data } },
})

/** The credentials of a procedure, if they differ from those of the whole document. */
const SECURITY: Record<Procedure['caller'], Operation['security']> = {
  known: undefined,
  attempt: [{ attemptToken: [] }],
  // A person who has an account needs its session.
  anybody: [{}, { session: [] }],
}

const INTRODUCTION = `Background jobs for many organizations.

Queries are GET with the input as JSON in the query parameter \`input\`; mutations are POST with the input as JSON body. An answer is \`{"result": {"data": …}}\`. Dates are ISO 8601 strings, UTC.

A refusal is \`{"error": {"message", "code", "data"}}\` with an HTTP status. Decide by \`error.data.reason\`, which is stable; the message is for people. \`error.data.fields\` names the fields that do not fit. Refusals are decided in this order: authentication, input, access, job type, parameters, dependencies, idempotency, duplicate, rate, quota.

Every request carries an API key (\`Authorization: Bearer …\`) or the session cookie of the dashboard, unless a procedure says otherwise. What belongs to an organization that the caller may not see does not exist for it: NOT_FOUND.

Up to 50 calls of one kind can share a request: \`GET /api/trpc/jobs.get,jobs.history?batch=1&input={"0": …, "1": …}\`, or POST with such a body. The answer is an array in the order of the calls, each as it would be alone; the status is 207 where they differ.

A list answers \`{"items", "nextCursor"}\`: send \`nextCursor\` as \`cursor\` for the next page, until it is null.`

const STREAM = `Server-sent events. \`event: connected\` comes first and \`event: ping\` every 10 seconds; events without a name carry an \`id:\` and, as \`data:\`, the JSON described here. \`event: serialized-error\` ends the stream, and its \`data:\` is what stands under \`error\` in other answers. To go on after a cut, send the last id as \`lastEventId\` within the input, or as the header \`Last-Event-ID\`.`

const REFUSED_IN_STREAM =
  'A refusal, also of the call itself, comes with status 200 as the `event: serialized-error` that ends the stream. `data.reason` says why, and `data.httpStatus` gives the status that the refusal would have elsewhere:'

const text = (description?: string): JsonSchema => ({ type: 'string', ...(description ? { description } : {}) })

/** The form of what `shapeError` returns (server/api/errors.ts). A test compares the two. */
const ERROR: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'code', 'data'],
      properties: {
        message: text('A text for people: what is wrong and what to do.'),
        code: { type: 'integer', description: 'The JSON-RPC code of tRPC.' },
        data: {
          type: 'object',
          required: ['code', 'httpStatus', 'reason'],
          properties: {
            code: { type: 'string', enum: Object.keys(TRPC_ERROR_CODES_BY_KEY) },
            httpStatus: { type: 'integer' },
            reason: {
              type: 'string',
              enum: [...REFUSALS],
              description: 'Programs decide by this. It does not change.',
            },
            fields: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: {
                  path: text('A path such as `jobs[3].parameters.count`.'),
                  message: text('What would be right.'),
                },
              },
            },
            existingJobId: text('Only with DUPLICATE_JOB and IDEMPOTENCY_MISMATCH.'),
            existingStatus: text('Of DUPLICATE_JOB.'),
            from: text('Of ILLEGAL_TRANSITION.'),
            to: text('Of ILLEGAL_TRANSITION.'),
            keys: {
              type: 'array',
              description: 'Only with KEYS_UNDECIDED: the first 100 of the keys.',
              items: {
                type: 'object',
                required: ['id', 'name', 'role', 'prefix', 'lastUsedAt'],
                properties: {
                  id: text('What `apiKeys.revoke` takes.'),
                  name: text('Its name.'),
                  role: text('Its role.'),
                  prefix: text('The first characters of the key.'),
                  lastUsedAt: { type: ['string', 'null'], format: 'date-time' },
                },
              },
            },
            version: { type: 'integer', description: 'Of CHANGED_MEANWHILE: the present version.' },
            retryAfterSeconds: { type: 'integer', description: 'Of RATE_LIMITED, rounded up.' },
          },
        },
      },
    },
  },
}
