import type { OrgRole } from '@/server/generated/prisma/enums'
import type { FieldProblem } from './errors'
import { titleProblem } from './job-title'
import { JOB_TYPE_NAME, NAME_WORDS } from './name-forms'
import { nameProblem, tidyName } from './names'
import { checkParameterSchema } from './parameter-schema'
import { DEFAULT_POOL, poolProblem } from './pools'
import type { JobPriority, Json } from './types'

// The settings of a job type.

/** The fields of a job type that an administrator decides (rule 2). The API's answers also have its `version`. */
export interface JobTypeConfig {
  name: string
  displayName: string
  description: string
  /**
   * A template over the parameters that makes the titles of the type's jobs. Null makes titles of the first three
   * values.
   */
  title: string | null
  handler: string
  /** Which workers take its jobs. */
  pool: string
  parameterSchema: Json
  enabled: boolean
  requiredRole: OrgRole
  timeoutSeconds: number
  priority: JobPriority
  maxRetries: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
  dedupeWindowSeconds: number
  /** The limit of submissions for each organization. Null is no limit. A count of 0 admits nothing. */
  rateLimit: { count: number; windowSeconds: number } | null
  /** The most jobs that run at once. Null is no limit, 0 lets none run. */
  concurrency: { global: number | null; perOrganization: number | null }
  retentionDays: number
}

type Required = 'name' | 'displayName' | 'handler' | 'parameterSchema'

/** What the fields are where a job type does not give them. */
export const JOB_TYPE_DEFAULTS: Omit<JobTypeConfig, Required> = {
  description: '',
  title: null,
  pool: DEFAULT_POOL,
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

/** A job type as code declares it. It has no version yet. */
export type JobTypeDefinition = JobTypeConfig & { parameterSchema: { [key: string]: Json } }

type Described = Pick<JobTypeDefinition, 'name' | 'displayName' | 'description' | 'parameterSchema'>

/** Fills in the defaults. The handler has the name of the job type unless another is given. */
export function jobType(given: Described & Partial<JobTypeDefinition>): JobTypeDefinition {
  return { ...JOB_TYPE_DEFAULTS, handler: given.name, ...given }
}

/**
 * Fields to change. An absent field stays as it is, and so does each absent half of `concurrency`. Zero and null are
 * values.
 */
export type JobTypeChanges = Partial<Omit<JobTypeConfig, 'name' | 'concurrency'>> & {
  concurrency?: Partial<JobTypeConfig['concurrency']>
}
/** The input of `create`. */
export type NewJobType = Pick<JobTypeConfig, Required> & JobTypeChanges

/** The job type with some of its fields changed. */
export function applyChanges(config: JobTypeConfig, changes: JobTypeChanges): JobTypeConfig {
  const { concurrency, ...rest } = withoutUndefined(changes)
  if (rest.displayName !== undefined) rest.displayName = tidyName(rest.displayName)
  return {
    ...config,
    ...rest,
    concurrency: { ...config.concurrency, ...(concurrency && withoutUndefined(concurrency)) },
  }
}

/** The smallest and the largest value of each field that is a whole number. */
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
 * What is wrong with a job type, field by field. Empty when all is well. Display name, handler, pool and parameter
 * schema are checked only where they are `given`, and the title where it or the schema is: a saved value that a later
 * rule would refuse must not block a change of another field. The numbers and the description can always be checked: their
 * bounds have never become narrower.
 *
 * @param root put before each path, as in `changes.timeoutSeconds`
 */
export function checkJobTypeConfig(
  config: JobTypeConfig,
  { given, handlers, root = '' }: { given: JobTypeChanges; handlers: readonly string[]; root?: string },
): FieldProblem[] {
  const at = (field: string) => (root ? `${root}.${field}` : field)
  const problems: FieldProblem[] = []
  if (!JOB_TYPE_NAME.test(config.name)) problems.push({ path: at('name'), message: NAME_WORDS })
  const misnamed = given.displayName === undefined ? null : nameProblem(config.displayName, 200)
  if (misnamed !== null) problems.push({ path: at('displayName'), message: misnamed })
  if (config.description.length > 10_000)
    problems.push({ path: at('description'), message: 'must have at most 10,000 characters' })
  if (given.handler !== undefined && !handlers.includes(given.handler)) {
    const known = handlers.length > 0 ? `one of ${handlers.join(', ')}` : 'known: no worker has started yet'
    problems.push({ path: at('handler'), message: `must be ${known}` })
  }
  const mispooled = given.pool === undefined ? null : poolProblem(config.pool)
  if (mispooled !== null) problems.push({ path: at('pool'), message: mispooled })
  const schemaProblems =
    given.parameterSchema === undefined ? [] : checkParameterSchema(given.parameterSchema, at('parameterSchema'))
  problems.push(...schemaProblems)
  // Whether a title fits depends on the schema, so a change of either may break it.
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

/** Removes fields that are undefined. A caller that leaves out an optional field may pass it as undefined. */
const withoutUndefined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
