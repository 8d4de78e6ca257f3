import type { OrgRole } from '@/server/generated/prisma/enums'
import type { FieldProblem } from './errors'
import { titleProblem } from './job-title'
import { nameProblem, tidyName } from './names'
import { checkParameterSchema } from './parameter-schema'
import type { JobPriority, Json } from './types'

/** What an administrator decides about a job type (rule 2); on the wire it has a `version` beside. */
export interface JobTypeConfig {
  name: string
  displayName: string
  description: string
  /** A template over the parameters that makes the titles of its jobs; null: the first three values. */
  title: string | null
  handler: string
  parameterSchema: Json
  enabled: boolean
  requiredRole: OrgRole
  timeoutSeconds: number
  priority: JobPriority
  maxRetries: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
  dedupeWindowSeconds: number
  /** Per organization; null: no limit. A count of 0 admits nothing. */
  rateLimit: { count: number; windowSeconds: number } | null
  /** Null: no limit. 0 admits nothing. */
  concurrency: { global: number | null; perOrganization: number | null }
  retentionDays: number
}

type Required = 'name' | 'displayName' | 'handler' | 'parameterSchema'

/** What a job type has that says nothing else. */
export const JOB_TYPE_DEFAULTS: Omit<JobTypeConfig, Required> = {
  description: '',
  title: null,
  enabled: true,
  requiredRole: 'OPERATOR',
  timeoutSeconds: 300,
  priority: 'NORMAL',
  maxRetries: 5,
  backoffBaseSeconds: 60,
  backoffCapSeconds: 960,
  dedupeWindowSeconds: 300,
  rateLimit: null,
  concurrency: { global: null, perOrganization: null },
  retentionDays: 30,
}

/** A job type as code declares it, before it has a version. */
export type JobTypeDefinition = JobTypeConfig & { parameterSchema: { [key: string]: Json } }

type Described = Pick<JobTypeDefinition, 'name' | 'displayName' | 'description' | 'parameterSchema'>

/** Fills in the defaults; the handler is the one of the same name unless another is given. */
export function jobType(given: Described & Partial<JobTypeDefinition>): JobTypeDefinition {
  return { ...JOB_TYPE_DEFAULTS, handler: given.name, ...given }
}

/** Fields to change. An absent one stays as it is; of `concurrency` each half by itself. A zero or null is a value. */
export type JobTypeChanges = Partial<Omit<JobTypeConfig, 'name' | 'concurrency'>> & {
  concurrency?: Partial<JobTypeConfig['concurrency']>
}
/** What `create` takes. */
export type NewJobType = Pick<JobTypeConfig, Required> & JobTypeChanges

/** A job type with some fields changed. */
export function applyChanges(config: JobTypeConfig, changes: JobTypeChanges): JobTypeConfig {
  const { concurrency, ...rest } = withoutUndefined(changes)
  if (rest.displayName !== undefined) rest.displayName = tidyName(rest.displayName)
  return {
    ...config,
    ...rest,
    concurrency: { ...config.concurrency, ...(concurrency && withoutUndefined(concurrency)) },
  }
}

/** Whole numbers, each with its least and greatest value. */
const RANGES: Readonly<Record<string, { read: (config: JobTypeConfig) => number | null; min: number; max: number }>> = {
  timeoutSeconds: { read: (config) => config.timeoutSeconds, min: 1, max: 86_400 },
  maxRetries: { read: (config) => config.maxRetries, min: 0, max: 1_000 },
  backoffBaseSeconds: { read: (config) => config.backoffBaseSeconds, min: 0, max: 31_536_000 },
  backoffCapSeconds: { read: (config) => config.backoffCapSeconds, min: 0, max: 31_536_000 },
  dedupeWindowSeconds: { read: (config) => config.dedupeWindowSeconds, min: 0, max: 31_536_000 },
  'rateLimit.count': { read: (config) => config.rateLimit?.count ?? null, min: 0, max: 1_000_000_000 },
  'rateLimit.windowSeconds': { read: (config) => config.rateLimit?.windowSeconds ?? null, min: 1, max: 86_400 },
  'concurrency.global': { read: (config) => config.concurrency.global, min: 0, max: 1_000_000 },
  'concurrency.perOrganization': { read: (config) => config.concurrency.perOrganization, min: 0, max: 1_000_000 },
  retentionDays: { read: (config) => config.retentionDays, min: 1, max: 36_500 },
}

/**
 * What is wrong with a job type, field by field; empty when all is well. Display name, handler, parameter schema and title
 * are looked at only where they are `given`: what was right when it was written must not stand in the
 * way of an unrelated change.
 *
 * @param root put before each path, as in `changes.timeoutSeconds`.
 */
export function checkJobTypeConfig(
  config: JobTypeConfig,
  { given, handlers, root = '' }: { given: JobTypeChanges; handlers: readonly string[]; root?: string },
): FieldProblem[] {
  const at = (field: string) => (root ? `${root}.${field}` : field)
  const problems: FieldProblem[] = []
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(config.name)) {
    problems.push({ path: at('name'), message: 'must begin with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"' })
  }
  const misnamed = given.displayName === undefined ? null : nameProblem(config.displayName, 200)
  if (misnamed !== null) problems.push({ path: at('displayName'), message: misnamed })
  if (config.description.length > 10_000)
    problems.push({ path: at('description'), message: 'must have at most 10,000 characters' })
  if (given.handler !== undefined && !handlers.includes(given.handler)) {
    const known = handlers.length > 0 ? `one of ${handlers.join(', ')}` : 'known: no worker has started yet'
    problems.push({ path: at('handler'), message: `must be ${known}` })
  }
  const schemaProblems =
    given.parameterSchema === undefined ? [] : checkParameterSchema(given.parameterSchema, at('parameterSchema'))
  problems.push(...schemaProblems)
  // A title fits or not by the schema, so either of them may break it.
  if (
    config.title !== null &&
    schemaProblems.length === 0 &&
    (given.title !== undefined || given.parameterSchema !== undefined)
  ) {
    const message = titleProblem(config.title, config.parameterSchema)
    if (message) problems.push({ path: at('title'), message })
  }
  for (const [field, { read, min, max }] of Object.entries(RANGES)) {
    const value = read(config)
    if (value === null || (Number.isInteger(value) && value >= min && value <= max)) continue
    problems.push({ path: at(field), message: `must be a whole number from ${min} to ${max.toLocaleString('en')}` })
  }
  return problems
}

/** An optional field that the caller left out may be there as undefined. */
const withoutUndefined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
