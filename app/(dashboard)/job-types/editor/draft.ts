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
import { SETTINGS, type Config, type SettingPath } from './settings'

/** The settings as they are typed. An empty text means the default, or for a limit that there is none. */
export type FormTexts = Record<Exclude<SettingPath, 'enabled'>, string> & { enabled: boolean }
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
export function toForm(type: Config): FormTexts {
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

export interface FormReading {
  /** The configuration that the form describes. Where a setting cannot be read, it has the saved value. */
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
 * @param base the job type with which the form began.
 * @param isNew true for a new job type. Then all settings are checked, and not only the changed ones.
 */
export function readForm(form: FormTexts, base: Config, isNew = false): FormReading {
  // The type of a schema is unknown in the API's types. It is JSON, so this cast is safe.
  const saved = base as JobTypeConfig
  const problems: Problems = {}
  const schema = readJson(form.parameterSchema)
  if ('problem' in schema) problems.parameterSchema = schema.problem
  const config: JobTypeConfig = {
    ...saved,
    ...readNumbers(form, saved, problems),
    displayName: form.displayName,
    description: form.description,
    title: form.title.trim() === '' ? null : form.title,
    handler: form.handler.trim(),
    pool: form.pool.trim() || JOB_TYPE_DEFAULTS.pool,
    enabled: form.enabled,
    requiredRole: form.requiredRole as JobTypeConfig['requiredRole'],
    priority: form.priority as JobTypeConfig['priority'],
    parameterSchema: 'value' in schema ? (schema.value as Json) : saved.parameterSchema,
    rateLimit: readRateLimit(form, saved.rateLimit, problems),
    concurrency: {
      global: readLimit(form, 'concurrency.global', saved.concurrency.global, problems),
      perOrganization: readLimit(form, 'concurrency.perOrganization', saved.concurrency.perOrganization, problems),
    },
  }
  const changes = changesOf(saved, config)
  // The rules check some fields only where they are changed. In a new job type all are.
  // Only the server knows which handlers exist, so any name counts as known here.
  const brokenRules = checkJobTypeConfig(config, {
    given: isNew ? config : (changes as JobTypeChanges),
    handlers: [config.handler],
  })
  // A text that cannot be read is the more useful message, and it is noted already.
  for (const { path, message } of brokenRules) problems[path] ??= message
  // The rules accept an empty name of a handler, because it is in the list that they were given.
  if (config.handler === '') problems.handler = 'must be named'
  return { config, changes, problems }
}

function readNumbers(form: FormTexts, saved: JobTypeConfig, problems: Problems): Record<NumberSetting, number> {
  const numbers = NUMBERS.map((path) => {
    const number = wholeNumber(form, path, problems)
    return [path, number === 'unreadable' ? saved[path] : (number ?? JOB_TYPE_DEFAULTS[path])]
  })
  return Object.fromEntries(numbers) as Record<NumberSetting, number>
}

function readLimit(
  form: FormTexts,
  path: 'concurrency.global' | 'concurrency.perOrganization',
  saved: number | null,
  problems: Problems,
): number | null {
  const number = wholeNumber(form, path, problems)
  return number === 'unreadable' ? saved : number
}

/** The two fields of the rate limit. Only both of them make a limit, and only two empty ones mean that there is none. */
function readRateLimit(
  form: FormTexts,
  saved: JobTypeConfig['rateLimit'],
  problems: Problems,
): JobTypeConfig['rateLimit'] {
  const count = wholeNumber(form, 'rateLimit.count', problems)
  const windowSeconds = wholeNumber(form, 'rateLimit.windowSeconds', problems)
  if (count === null && windowSeconds === null) return null
  if (windowSeconds === null)
    problems['rateLimit.windowSeconds'] = 'must say in how many seconds this number of jobs may be submitted'
  if (count === null)
    problems['rateLimit.count'] = 'must say how many may be submitted in that time; empty both fields for no limit'
  return typeof count === 'number' && typeof windowSeconds === 'number' ? { count, windowSeconds } : saved
}

/** The number in a field. Null where the field is empty. A text that is no whole number is noted as a problem. */
function wholeNumber(
  form: FormTexts,
  path: Exclude<SettingPath, 'enabled'>,
  problems: Problems,
): number | null | 'unreadable' {
  const text = form[path].trim()
  if (text === '') return null
  if (/^-?\d+$/.test(text)) return Number(text)
  problems[path] = 'must be a whole number'
  return 'unreadable'
}

/**
 * The input of `jobTypes.update` that turns `before` into `after`. `name` is left out because it cannot be changed, and
 * `differs` because the server makes it.
 */
export function changesOf(before: Config, after: Config): Changes {
  const fields = (Object.keys(after) as (keyof Config)[]).filter(
    (field) =>
      field !== 'name' && field !== 'differs' && JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  return Object.fromEntries(fields.map((field) => [field, after[field]]))
}

export interface Rebased {
  form: FormTexts
  /** The settings that both people have changed, to different values. The form keeps the value of whoever edits here. */
  clashes: SettingPath[]
}

/**
 * Moves the edits of this form onto the version that somebody else has saved. Settings are compared by what their texts
 * mean: "5" and an empty field whose default is 5 are the same. A text that cannot be read differs from everything.
 */
export function rebase(form: FormTexts, base: Config, theirs: Config): Rebased {
  const before = toForm(base)
  const now = toForm(theirs)
  const edited = (Object.keys(form) as SettingPath[]).filter(differsFrom(before, form, readForm(form, base)))
  const rebased = { ...now, ...Object.fromEntries(edited.map((path) => [path, form[path]])) }
  const differsFromTheirs = differsFrom(now, rebased, readForm(rebased, theirs))
  return {
    form: rebased,
    clashes: edited.filter((path) => now[path] !== before[path] && differsFromTheirs(path)),
  }
}

/**
 * The two fields make one limit. While one of them has a problem, neither is read, and what was read does not show an
 * edit of the other. So an edit of either counts where one of the two has a problem or means something else.
 */
const RATE_LIMIT: readonly SettingPath[] = ['rateLimit.count', 'rateLimit.windowSeconds']

function differsFrom(saved: FormTexts, form: FormTexts, { config, problems }: FormReading) {
  const meant = toForm(config)
  const means = (path: SettingPath) => meant[path] !== saved[path] || problems[path] !== undefined
  return (path: SettingPath): boolean =>
    form[path] !== saved[path] && (RATE_LIMIT.includes(path) ? RATE_LIMIT.some(means) : means(path))
}

/** The path in the form to which a path of a refusal belongs. The server puts `changes.` before it. */
export const settingPathOf = (path: string): string => path.replace(/^changes\./, '')

/** True where the form has a field for the path of a refusal. */
export function isFieldOfType(path: string): boolean {
  const own = settingPathOf(path)
  return SETTINGS.some((setting) => setting.path === own) || /^parameterSchema[.[]/.test(own)
}

/** The problems in a refusal of the server, by the path in the form. Only those that `isField` has a field for. */
export const problemsFromServer = (
  fields: readonly { path: string; message: string }[],
  isField: (path: string) => boolean = isFieldOfType,
): Problems =>
  Object.fromEntries(
    fields.filter(({ path }) => isField(path)).map(({ path, message }) => [settingPathOf(path), message]),
  )

/** True where two forms have the same texts. */
export const sameForm = (a: FormTexts, b: FormTexts): boolean =>
  (Object.keys(a) as SettingPath[]).every((path) => a[path] === b[path])
