import { isObject } from './schema-walk'
import type { Json } from './types'

/**
 * JSON merge patch (RFC 7396): members of an object are set one by one, null removes a member, and anything that
 * is no object takes the place of what was there, lists included.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const members = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, inner] of Object.entries(patch)) {
    if (inner === null) members.delete(name)
    else members.set(name, mergePatch(members.get(name), inner))
  }
  // A member may be called __proto__, and assigning it to an object would change what the object inherits from.
  return Object.fromEntries(members)
}
