import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { JobTypeConfig } from './job-type-config'
import type { Json } from './types'

// A handler's file gives settings for its job type, the defaults. Decides what a job type takes over from them when a
// worker with other defaults starts.

/** A setting of a job type that differs from what its handler's file says. */
export interface Difference {
  field: string
  present: Json
  default: Json
}

/** Settings of a job type, as a version of its handler's file gives them. */
export type Defaults = Partial<JobTypeConfig>

/** The settings that differ, of those that the defaults name. A default that an older version wrote may lack some. */
export function differencesFrom(defaults: Defaults, present: JobTypeConfig): Difference[] {
  return fieldsOf(defaults)
    .filter((field) => !same(field, defaults[field], present[field]))
    .map((field) => ({ field, present: present[field] as Json, default: defaults[field] as Json }))
}

/**
 * What a job type takes over from new defaults of its handler: the settings that were as the former defaults say, so
 * that nobody has changed them.
 */
export function followed(
  { former, next }: { former: Defaults; next: JobTypeConfig },
  present: JobTypeConfig,
): Partial<JobTypeConfig> {
  return Object.fromEntries(
    fieldsOf(former)
      .filter((field) => same(field, former[field], present[field]) && !same(field, former[field], next[field]))
      .map((field) => [field, next[field]]),
  )
}

/**
 * Identifies the defaults of a handler. The same defaults with their fields in the same order have the same digest. A
 * handler without defaults has one, too.
 */
export const digestOf = (defaults: Defaults | null): string =>
  createHash('sha256').update(JSON.stringify(defaults)).digest('hex')

/** What the database keeps of a handler's defaults. */
export interface KeptDefaults {
  defaults: Defaults | null
  /**
   * Digests of the last defaults that the handler has had, the present ones among them, in the order in which they were
   * first seen.
   */
  known: readonly string[]
  /**
   * True for some seconds after a worker with this handler has started, because it may not have said yet which defaults
   * it has. The start of the worker that asks counts, too. So a worker that has just started takes nothing over from
   * newer defaults yet. It asks again later.
   */
  startedLately: boolean
}

/**
 * Whether the defaults of a worker replace those that are kept. Of the workers that are alive, the one whose defaults
 * were first seen last decides. So an older version that starts again beside a newer one changes nothing. An older one
 * takes over when all newer ones are gone, and a newer one that starts again takes over from it.
 * @param digestsOfOthers what the other workers that are alive have as defaults of this handler
 */
export function takesOver(
  mine: Defaults | null,
  { defaults, known, startedLately }: KeptDefaults,
  digestsOfOthers: ReadonlySet<string> = new Set(),
): boolean {
  const [ours, kept] = [digestOf(mine), digestOf(defaults)]
  if (ours === kept) return false
  // Where the kept ones are not among those that are known, ours count as newer.
  const seenAs = known.indexOf(ours)
  const isNew = seenAs < 0
  if (isNew || seenAs > known.indexOf(kept)) return true
  // Ours are older than what is kept. They replace it only where no worker with newer ones lives, or is about to.
  const newerLives = known.slice(seenAs + 1).some((later) => digestsOfOthers.has(later))
  return !startedLately && !newerLives
}

/** How many digests a handler remembers. Defaults that were forgotten count as new when they come again. */
const REMEMBERED = 20

/** What a handler remembers after it has taken over `next`. */
export function knownAfter({ defaults, known }: KeptDefaults, next: Defaults | null): string[] {
  const all = [...known]
  for (const digest of [digestOf(defaults), digestOf(next)]) if (!all.includes(digest)) all.push(digest)
  return all.slice(-REMEMBERED)
}

/** Without the name and the handler, which tie a job type to its handler's file and do not follow it. */
const fieldsOf = (settings: Defaults) =>
  (Object.keys(settings) as (keyof JobTypeConfig)[]).filter((field) => field !== 'name' && field !== 'handler')

/** A schema with its fields in another order is another one, because forms and titles follow the order. */
const same = (field: string, a: unknown, b: unknown): boolean =>
  field === 'parameterSchema' ? JSON.stringify(a) === JSON.stringify(b) : isDeepStrictEqual(a, b)
