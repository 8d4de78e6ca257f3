import { jobType, type JobTypeDefinition } from '@/server/engine/domain/job-type-config'
import { WAITING_CODES } from '@/server/engine/domain/waiting-codes'

export const JSON_SCHEMA_DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** The job types that an empty Jobyard starts with. After that, administrators change them. */
export const SHIPPED_JOB_TYPES: readonly JobTypeDefinition[] = [
  jobType({
    name: 'report.operations',
    displayName: 'Operations report',
    description: 'A PDF of the organization’s jobs over a period: throughput, failures, run times and top errors.',
    maxRetries: 2,
    parameterSchema: {
      $schema: JSON_SCHEMA_DIALECT,
      type: 'object',
      additionalProperties: false,
      properties: {
        from: {
          type: 'string',
          anyOf: [{ format: 'date' }, { format: 'date-time' }],
          title: 'From',
          description:
            'First day (2026-01-31) or moment (2026-01-31T08:00:00Z), UTC. Empty: the last seven days, today included.',
        },
        to: {
          type: 'string',
          anyOf: [{ format: 'date' }, { format: 'date-time' }],
          title: 'To',
          description: 'Last day, included, or the moment at which the report ends. Empty: now.',
        },
      },
    },
  }),
  jobType({
    name: 'export.jobs',
    displayName: 'Job export',
    description: 'Writes the organization’s jobs that match a filter to a CSV file, newest first.',
    timeoutSeconds: 3600,
    maxRetries: 2,
    parameterSchema: {
      $schema: JSON_SCHEMA_DIALECT,
      type: 'object',
      additionalProperties: false,
      properties: {
        status: {
          type: 'array',
          uniqueItems: true,
          items: {
            type: 'string',
            enum: ['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER'],
          },
          title: 'Status',
          description: 'Only jobs in one of these states. Empty: all.',
        },
        jobType: {
          type: 'array',
          uniqueItems: true,
          maxItems: 100,
          items: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,99}$' },
          title: 'Job type',
          description: 'Only jobs of these types. Empty: all.',
        },
        jobTypePrefix: {
          type: 'string',
          pattern: '^[a-z0-9._-]{1,100}$',
          title: 'Job type begins with',
        },
        priority: {
          type: 'array',
          uniqueItems: true,
          items: { type: 'string', enum: ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] },
          title: 'Priority',
        },
        submittedById: {
          type: 'string',
          format: 'uuid',
          title: 'Submitted by',
          description: 'The id of a user or an API key.',
        },
        createdAfter: {
          type: 'string',
          format: 'date-time',
          title: 'Created after',
          description: 'For example 2026-01-31T08:00:00Z.',
        },
        createdBefore: { type: 'string', format: 'date-time', title: 'Created before' },
        endedAfter: { type: 'string', format: 'date-time', title: 'Ended after' },
        endedBefore: { type: 'string', format: 'date-time', title: 'Ended before' },
        failedAfter: { type: 'string', format: 'date-time', title: 'Failed after' },
        failedBefore: { type: 'string', format: 'date-time', title: 'Failed before' },
        rerunOf: {
          type: 'string',
          format: 'uuid',
          title: 'Rerun of',
          description: 'Only jobs that repeat the job with this id.',
        },
        bulkId: {
          type: 'string',
          format: 'uuid',
          title: 'Changed by bulk action',
          description: 'Only jobs that the bulk action with this id changed.',
        },
        requestId: {
          type: 'string',
          format: 'uuid',
          title: 'Asked for in request',
          description: 'Only jobs that the open request with this id is about.',
        },
        title: {
          type: 'string',
          minLength: 2,
          maxLength: 200,
          title: 'Title',
          description: 'Words of the title, or their beginnings.',
        },
        search: {
          type: 'string',
          minLength: 3,
          maxLength: 200,
          title: 'Search',
          description: 'Words of title, parameters or error, or their beginnings; or a job id.',
        },
        args: {
          type: 'array',
          maxItems: 10,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['path'],
            oneOf: [{ required: ['value'] }, { required: ['values'] }],
            properties: {
              path: {
                type: 'string',
                minLength: 1,
                maxLength: 200,
                title: 'Path',
                description: 'For example order.id',
              },
              value: { title: 'Value', description: 'Any JSON; it must be equal.' },
              values: { type: 'array', minItems: 1, maxItems: 10, title: 'One of several values' },
            },
          },
          title: 'Parameters equal',
        },
        errorFingerprint: { type: 'string', minLength: 1, maxLength: 100, title: 'Error fingerprint' },
        waitingLongerThanSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 31_536_000,
          title: 'Waiting longer than (s)',
          description: 'Only jobs that wait and could have started so long ago.',
        },
        waitingFor: {
          type: 'array',
          maxItems: WAITING_CODES.length,
          items: { type: 'string', enum: [...WAITING_CODES] },
          title: 'Waiting for',
          description: 'Only jobs that wait for one of these reasons.',
        },
      },
    },
  }),
  jobType({
    name: 'http.request',
    displayName: 'HTTP request',
    description:
      'Calls a service, so that the work is carried out outside: its answer is the result, or it reports when it is done.',
    parameterSchema: {
      $schema: JSON_SCHEMA_DIALECT,
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: {
          type: 'string',
          format: 'uri',
          pattern: '^https?://[^/?#@]+(?:[/?#].*)?$',
          maxLength: 2_000,
          title: 'Address',
          description: 'Private and loopback addresses only where the installation allows them. No user or password.',
          examples: ['https://billing.example.com/jobs/invoice'],
        },
        method: { type: 'string', enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], default: 'POST', title: 'Method' },
        headers: {
          type: 'object',
          propertyNames: { pattern: "^[A-Za-z0-9_!#$%&'*+.^`|~-]{1,100}$" },
          additionalProperties: { type: 'string', maxLength: 4_000, pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$' },
          title: 'Headers',
          description: 'Beside those that Jobyard sets. They may hold a key: they are shown to nobody.',
          'x-sensitive': true,
        },
        body: { title: 'Body', description: 'Any JSON; sent as it is.' },
        mode: {
          type: 'string',
          enum: ['respond', 'report'],
          default: 'respond',
          title: 'Mode',
          description:
            'respond: the answer is the result. report: the service accepts the work and reports when it is done; an answer of 202 means so in either mode.',
        },
      },
    },
  }),
  jobType({
    name: 'sample.work',
    displayName: 'Sample work',
    description: 'Works, fails or misbehaves as told: for trying Jobyard out and for tests.',
    parameterSchema: {
      $schema: JSON_SCHEMA_DIALECT,
      type: 'object',
      properties: {
        durationMs: {
          type: 'integer',
          minimum: 0,
          maximum: 86_400_000,
          default: 0,
          title: 'Duration (ms)',
          description: 'How long it works.',
          examples: [5000],
        },
        progressSteps: {
          type: 'integer',
          minimum: 0,
          maximum: 10_000,
          default: 0,
          title: 'Progress steps',
          description: 'How many times it reports progress over the duration.',
          examples: [10],
        },
        mode: {
          type: 'string',
          enum: ['complete', 'transient', 'permanent', 'hang', 'spin'],
          default: 'complete',
          title: 'Mode',
          description:
            'How it ends: complete; an error that is retried or one that is not; hang or spin, deaf to every signal.',
        },
        failAttempts: {
          type: 'integer',
          minimum: 0,
          maximum: 1_000,
          default: 0,
          title: 'Failing attempts',
          description: 'So many first attempts fail with a transient error; then as the mode says.',
        },
        data: { title: 'Data', description: 'Any JSON; returned as the result.' },
      },
    },
  }),
  jobType({
    name: 'sample.noop',
    displayName: 'No operation',
    description: 'Returns at once. For benchmarks.',
    parameterSchema: { $schema: JSON_SCHEMA_DIALECT, type: 'object', properties: {} },
  }),
]
