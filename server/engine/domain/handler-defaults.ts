import { isDeepStrictEqual } from 'node:util'
import type { JobTypeConfig } from './job-type-config'
import type { Json } from './types'

/** A setting of a job type that differs from what its handler's file says. */
export interface Difference {
  field: string
  present: Json
  default: Json
}

type Settings = Partial<JobTypeConfig>

/** The settings that differ, of those that the defaults name. A default that an older version wrote may lack some. */
export function differencesFrom(defaults: Settings, present: JobTypeConfig): Difference[] {
  return fieldsOf(defaults)
    .filter((field) => !same(field, defaults[field], present[field]))
    .map((field) => ({ field, present: present[field] as Json, default: defaults[field] as Json }))
}

/**
 * What a job type takes over from new defaults of its handler: the settings that were as the former defaults say, so
 * that nobody has changed them.
 */
export function followed(
  { former, next }: { former: Settings; next: JobTypeConfig },
  present: JobTypeConfig,
): Partial<JobTypeConfig> {
  return Object.fromEntries(
    fieldsOf(former)
      .filter((field) => same(field, former[field], present[field]) && !same(field, former[field], next[field]))
      .map((field) => [field, next[field]]),
  )
}

const fieldsOf = (settings: Settings) =>
  (Object.keys(settings) as (keyof JobTypeConfig)[]).filter((field) => field !== 'name' && field !== 'handler')

/** A schema with its fields in another order is another one, because forms and titles follow the order. */
const same = (field: string, a: unknown, b: unknown): boolean =>
  field === 'parameterSchema' ? JSON.stringify(a) === JSON.stringify(b) : isDeepStrictEqual(a, b)
