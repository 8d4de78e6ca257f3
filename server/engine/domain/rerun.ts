import { isObject } from './schema-walk'
import { MASK } from './mask'
import type { Json } from './types'

// Parameters of a job that is submitted again with changes, when some of them are hidden from the person who asks.

/** Where a value stands in parameters, as keys from their root. */
export type Place = readonly (string | number)[]

/**
 * The places of sensitive values that a patch takes over from an earlier job, whole or in part. They stay masked in the
 * new job even where the present version of the job type no longer marks them: whoever may not see the old
 * job's secrets must not see them in the new one.
 *
 * @param masked the earlier job's parameters as everybody may read them
 * @param parameters the same as they were submitted
 */
export function carriedSecrets(masked: Json, parameters: Json, patch: Json | undefined): Place[] {
  const places: Place[] = []
  const walk = (shown: Json, value: Json, change: Json | undefined, keys: Place): void => {
    // A patch that is no object, or meets a value that is none, leaves nothing of that value.
    if (change !== undefined && !(isObject(change) && isObject(value))) return
    if (shown === MASK && value !== MASK) return void places.push(keys)
    if (Array.isArray(value) && Array.isArray(shown))
      return value.forEach((item, index) => walk(shown[index] ?? null, item, undefined, [...keys, index]))
    if (!isObject(value) || !isObject(shown)) return
    for (const [name, inner] of Object.entries(value))
      if (Object.hasOwn(shown, name)) walk(shown[name]!, inner, memberOf(change, name), [...keys, name])
  }
  walk(masked, parameters, patch, [])
  return places
}

/** The value with `MASK` at each of these places that it has. Without places it is the very same value. */
export function hideAt(value: Json, places: readonly Place[]): Json {
  if (places.length === 0) return value
  if (places.some((keys) => keys.length === 0)) return MASK
  const below = (key: string | number) => places.filter(([first]) => first === key).map(([, ...rest]) => rest)
  if (Array.isArray(value)) return value.map((item, index) => hideAt(item, below(index)))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hideAt(inner, below(name))]))
}

/** Those of the places at which a patch holds nothing but the mask. */
export const masksIn = (patch: Json | undefined, places: readonly Place[]): Place[] =>
  places.filter((keys) => keys.reduce<Json | undefined>(childAt, patch) === MASK)

const childAt = (value: Json | undefined, key: string | number): Json | undefined =>
  Array.isArray(value) ? value[Number(key)] : memberOf(value, String(key))

const memberOf = (change: Json | undefined, name: string): Json | undefined =>
  isObject(change) && Object.hasOwn(change, name) ? change[name] : undefined
