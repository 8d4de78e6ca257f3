import type { Problems } from '@/app/_components/forms/check-parameters'
import { readJson } from '@/app/_components/forms/read-json'
import type { Inputs } from '@/app/_trpc/types'
import {
  checkJobTypeConfig,
  JOB_TYPE_DEFAULTS,
  type JobTypeChanges,
  type JobTypeConfig,
} from '@/server/engine/domain/job-type-config'
import type { Json } from '@/server/engine/domain/types'
import type { Config, SettingPath } from './settings'

/** The settings as they are typed. An empty text means the default, or for a limit that there is none. */
export type Form = Record<Exclude<SettingPath, 'enabled'>, string> & { enabled: boolean }
export type Changes = Inputs['jobTypes']['update']['changes']

/** The whole numbers that have a default. An empty field means the default. */
const NUMBERS = [
  'timeoutSeconds',
  'maxRetries',
  'backoffBaseSeconds',
  'backoffCapSeconds',
  'dedupeWindowSeconds',
  'retentionDays',
] as const
export type NumberSetting = (typeof NUMBERS)[number]

/** The form for an existing job type. */
export function toForm(type: Config): Form {
  const typed = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))
  return {
    displayName: type.displayName,
    description: type.description,
    title: type.title ?? '',
    handler: type.handler,
    pool: type.pool,
    parameterSchema: JSON.stringify(type.parameterSchema, null, 2),
    enabled: type.enabled,
    requiredRole: type.requiredRole,
    priority: type.priority,
    timeoutSeconds: typed(type.timeoutSeconds),
    maxRetries: typed(type.maxRetries),
    backoffBaseSeconds: typed(type.backoffBaseSeconds),
    backoffCapSeconds: typed(type.backoffCapSeconds),
    dedupeWindowSeconds: typed(type.dedupeWindowSeconds),
    retentionDays: typed(type.retentionDays),
    'rateLimit.count': typed(type.rateLimit?.count),
    'rateLimit.windowSeconds': typed(type.rateLimit?.windowSeconds),
    'concurrency.global': typed(type.concurrency.global),
    'concurrency.perOrganization': typed(type.concurrency.perOrganization),
  }
}

/** A new job type before anything is filled in. */
export const BLANK: JobTypeConfig = {
  ...JOB_TYPE_DEFAULTS,
  name: '',
  displayName: '',
  handler: '',
  parameterSchema: { type: 'object', properties: {}, additionalProperties: false },
}

export interface Read {
  /** The configuration that the form describes. Where a field cannot be read, it has the value from `base`. */
  config: JobTypeConfig
  changes: Changes
  /**
   * The problems, by the path in the form. The path of a problem in the schema leads into the schema, as in
   * `parameterSchema.properties.a`.
   */
  problems: Problems
}

/**
 * Reads the form, and checks it by the rules of the server.
 * @param given the job type with which the form began.
 * @param isNew true for a new job type. Then all settings are checked, and not only the changed ones.
 */
export function readForm(form: Form, given: Config, isNew = false): Read {
  // The API leaves the type of a schema open. It is JSON, as everything from the API is.
  const base = given as JobTypeConfig
  const problems: Problems = {}
  const whole = (path: Exclude<SettingPath, 'enabled'>, empty: number | null): number | null => {
    const text = form[path].trim()
    if (text === '') return empty
    if (/^-?\d{1,15}$/.test(text)) return Number(text)
    problems[path] = 'must be a whole number'
    return empty
  }
  const count = whole('rateLimit.count', null)
  const windowSeconds = whole('rateLimit.windowSeconds', null)
  if (count !== null && windowSeconds === null)
    problems['rateLimit.windowSeconds'] ??= 'must say in how many seconds so many may be submitted'
  if (count === null && windowSeconds !== null)
    problems['rateLimit.count'] ??= 'must say how many may be submitted in that time; empty both fields for no limit'

  const schema = readJson(form.parameterSchema)
  if ('problem' in schema) problems.parameterSchema = schema.problem
  const numbers = Object.fromEntries(NUMBERS.map((path) => [path, whole(path, JOB_TYPE_DEFAULTS[path])]))
  const config: JobTypeConfig = {
    ...base,
    ...(numbers as Record<NumberSetting, number>),
    displayName: form.displayName,
    description: form.description,
    title: form.title.trim() === '' ? null : form.title,
    handler: form.handler.trim(),
    pool: form.pool.trim() || JOB_TYPE_DEFAULTS.pool,
    enabled: form.enabled,
    requiredRole: form.requiredRole as JobTypeConfig['requiredRole'],
    priority: form.priority as JobTypeConfig['priority'],
    parameterSchema: 'value' in schema ? (schema.value as Json) : base.parameterSchema,
    rateLimit: count === null || windowSeconds === null ? null : { count, windowSeconds },
    concurrency: {
      global: whole('concurrency.global', null),
      perOrganization: whole('concurrency.perOrganization', null),
    },
  }
  const changes = changesOf(base, config)
  // Only the server knows which handlers exist, so the form accepts any name.
  const wrong = checkJobTypeConfig(config, {
    given: isNew ? config : (changes as JobTypeChanges),
    handlers: [config.handler],
  })
  for (const { path, message } of wrong) problems[path] ??= message
  if (config.handler === '') problems.handler = 'must be named'
  return { config, changes, problems }
}

/** The input of `jobTypes.update` that turns one configuration into the other. */
export function changesOf(before: Config, after: Config): Changes {
  const fields = (Object.keys(after) as (keyof Config)[]).filter(
    (field) =>
      field !== 'name' && field !== 'differs' && JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  return Object.fromEntries(fields.map((field) => [field, after[field]]))
}

export interface Rebased {
  form: Form
  /** The settings that both people have changed, to different values. The form keeps the reader's own value. */
  clashes: SettingPath[]
}

/** Moves the reader's edits onto the version that somebody else has saved. */
export function rebase(form: Form, base: Config, theirs: Config): Rebased {
  const before = toForm(base)
  const now = toForm(theirs)
  const paths = Object.keys(form) as SettingPath[]
  const touched = paths.filter((path) => form[path] !== before[path])
  return {
    form: { ...now, ...Object.fromEntries(touched.map((path) => [path, form[path]])) },
    clashes: touched.filter((path) => now[path] !== before[path] && now[path] !== form[path]),
  }
}

/** The problems that the server has found, by the path in the form. */
export const ownProblems = (fields: readonly { path: string; message: string }[]): Problems =>
  Object.fromEntries(fields.map(({ path, message }) => [path.replace(/^changes\./, ''), message]))

/** True where two forms have the same values. */
export const sameForm = (a: Form, b: Form): boolean =>
  (Object.keys(a) as SettingPath[]).every((path) => a[path] === b[path])
