import { z } from 'zod'
import { checkJobTypeConfig } from '@/server/engine/domain/job-type-config'
import { JOB_TYPE_NAME } from '@/server/engine/domain/name-forms'
import type { Handler } from '@jobyard/handler'
import { jobTypeOf } from './job-type-of'

const json = z.record(z.string(), z.json())
const limit = z.int().nullable()

/** The settings that `jobType` of a handler may have, and their types. `checkJobTypeConfig` checks their ranges. */
const defaults = z.strictObject({
  displayName: z.string().optional(),
  description: z.string().optional(),
  title: z.string().nullish(),
  parameterSchema: json.optional(),
  enabled: z.boolean().optional(),
  requiredRole: z.enum(['VIEWER', 'OPERATOR', 'ADMIN']).optional(),
  pool: z.string().optional(),
  timeoutSeconds: z.int().optional(),
  priority: z.enum(['LOW', 'NORMAL', 'HIGH', 'CRITICAL']).optional(),
  maxRetries: z.int().optional(),
  backoffBaseSeconds: z.int().optional(),
  backoffCapSeconds: z.int().optional(),
  dedupeWindowSeconds: z.int().optional(),
  rateLimit: z.strictObject({ count: z.int(), windowSeconds: z.int() }).nullish(),
  concurrency: z.strictObject({ global: limit.optional(), perOrganization: limit.optional() }).optional(),
  retentionDays: z.int().optional(),
})

/**
 * What is wrong with what a handler's file exports, as the end of a sentence that begins with the file. Null when all
 * is well.
 */
export function shapeProblem(exported: { default?: unknown }): string | null {
  const given = exported.default as Partial<Record<keyof Handler, unknown>> | null | undefined
  if (typeof given !== 'object' || given === null)
    return 'exports no handler: end it with `export default defineHandler({ … })`'
  if (typeof given.key !== 'string' || !JOB_TYPE_NAME.test(given.key))
    return 'needs a `key` that begins with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"'
  if (typeof given.isolated !== 'boolean')
    return 'needs `isolated`: true for a thread of its own, false for the worker’s thread'
  if (typeof (given.schema as { parse?: unknown } | null)?.parse !== 'function')
    return 'needs `schema`: a Zod schema of its parameters, such as z.strictObject({})'
  if (typeof given.run !== 'function') return 'needs `run`: async run(params, ctx) { … }'
  if (given.onTimeout !== undefined && typeof given.onTimeout !== 'function')
    return 'has an `onTimeout` that is no function: onTimeout(params, ctx) { … }'
  return given.jobType === undefined ? null : jobTypeProblem(given as Handler)
}

function jobTypeProblem(handler: Handler): string | null {
  const checked = defaults.safeParse(handler.jobType)
  if (!checked.success) {
    const { path, message, code, ...issue } = checked.error.issues[0]!
    const unknown = code === 'unrecognized_keys' ? (issue as { keys?: string[] }).keys?.[0] : undefined
    return unknown === undefined
      ? `has a wrong \`${['jobType', ...path].join('.')}\`: ${message}`
      : `has a \`${['jobType', ...path, unknown].join('.')}\`, which there is not: it can be ${Object.keys(defaults.shape).join(', ')}`
  }
  try {
    const type = jobTypeOf(handler)!
    const [wrong] = checkJobTypeConfig(type, { given: type, handlers: [handler.key], root: 'jobType' })
    return wrong ? `has a wrong \`${wrong.path}\`: it ${wrong.message}` : null
  } catch (error) {
    return `has no parameter schema: ${error instanceof Error ? error.message : String(error)}`
  }
}
