import { createHash } from 'node:crypto'
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

/** Identifies the defaults of a handler. Equal texts have equal digests, also where the handler has none. */
export const digestOf = (defaults: Settings | null): string =>
  createHash('sha256').update(JSON.stringify(defaults)).digest('hex')

/** What the database keeps of a handler's defaults. */
export interface KeptDefaults {
  defaults: Settings | null
  /** Digests of those that were replaced. */
  replaced: readonly string[]
}

/**
 * Whether the defaults of a worker replace those that are kept. New ones do. Defaults that were replaced once come back only
 * where no other worker that is alive has those of now: otherwise an older version that starts again would take the
 * settings back from the newer one beside it.
 */
export function takesOver(
  mine: Settings | null,
  { defaults, replaced }: KeptDefaults,
  ofOtherWorkers: ReadonlySet<string> | undefined,
): boolean {
  const [asked, present] = [digestOf(mine), digestOf(defaults)]
  if (asked === present) return false
  return !(replaced.includes(asked) && ofOtherWorkers?.has(present))
}

const fieldsOf = (settings: Settings) =>
  (Object.keys(settings) as (keyof JobTypeConfig)[]).filter((field) => field !== 'name' && field !== 'handler')

/** A schema with its fields in another order is another one, because forms and titles follow the order. */
const same = (field: string, a: unknown, b: unknown): boolean =>
  field === 'parameterSchema' ? JSON.stringify(a) === JSON.stringify(b) : isDeepStrictEqual(a, b)
