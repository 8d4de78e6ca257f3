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
  /** Digests of all that it has had, in the order in which they were first seen. */
  known: readonly string[]
  /** A worker with this handler has started so lately that it may not have said yet which defaults it has. */
  startedLately: boolean
}

/**
 * Whether the defaults of a worker replace those that are kept. Of the workers that are alive, the one whose defaults
 * were first seen last decides. So an older version that starts again beside a newer one changes nothing, a newer one that
 * starts again gets its settings back, and an older one gets them when all newer ones are gone.
 */
export function takesOver(
  mine: Settings | null,
  { defaults, known, startedLately }: KeptDefaults,
  ofOtherWorkers: ReadonlySet<string> = new Set(),
): boolean {
  const [asked, present] = [digestOf(mine), digestOf(defaults)]
  if (asked === present) return false
  const rank = known.indexOf(asked)
  if (rank < 0 || rank > known.indexOf(present)) return true
  return !startedLately && !known.slice(rank + 1).some((later) => ofOtherWorkers.has(later))
}

/** How many digests a handler remembers. */
const REMEMBERED = 20

/** What a handler remembers after it has taken over `next`. */
export function knownAfter({ defaults, known }: KeptDefaults, next: Settings | null): string[] {
  const all = [...known]
  for (const digest of [digestOf(defaults), digestOf(next)]) if (!all.includes(digest)) all.push(digest)
  return all.slice(-REMEMBERED)
}

const fieldsOf = (settings: Settings) =>
  (Object.keys(settings) as (keyof JobTypeConfig)[]).filter((field) => field !== 'name' && field !== 'handler')

/** A schema with its fields in another order is another one, because forms and titles follow the order. */
const same = (field: string, a: unknown, b: unknown): boolean =>
  field === 'parameterSchema' ? JSON.stringify(a) === JSON.stringify(b) : isDeepStrictEqual(a, b)
