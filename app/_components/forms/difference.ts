import { MASK } from '@/server/engine/domain/mask'
import { mergePatch } from '@/server/engine/domain/merge-patch'
import { childPath, isObject, ownMember, type Json } from './json'

/** One place where two sets of parameters differ. `undefined` means that this side has nothing there. */
export interface Difference {
  path: string
  before: Json | undefined
  after: Json | undefined
  /** The value is sensitive. Only the fact that it changed may be shown, and neither side of it. */
  secret: boolean
}

interface Shown {
  /** The values as they are. */
  before: Json
  after: Json
  /** The values as they may be shown. `MASK` stands in place of each sensitive value. */
  shownBefore: Json
  shownAfter: Json
}

/** The places where two sets of parameters differ, in the order of the later set. Lists are compared item by item. */
export function differences({ before, after, shownBefore, shownAfter }: Shown): Difference[] {
  const found: Difference[] = []
  const walk = (
    a: Json | undefined,
    b: Json | undefined,
    shownA: Json | undefined,
    shownB: Json | undefined,
    path: string,
  ) => {
    if (equal(a, b)) return
    if (shownA === MASK || shownB === MASK)
      return void found.push({ path, before: hidden(a), after: hidden(b), secret: true })
    if (isObject(a) && isObject(b)) {
      for (const name of new Set([...Object.keys(b), ...Object.keys(a)]))
        walk(member(a, name), member(b, name), member(shownA, name), member(shownB, name), childPath(path, name))
      return
    }
    if (Array.isArray(a) && Array.isArray(b)) {
      for (let i = 0; i < Math.max(a.length, b.length); i++)
        walk(a[i], b[i], item(shownA, i), item(shownB, i), childPath(path, i))
      return
    }
    found.push({ path, before: shownA, after: shownB, secret: false })
  }
  walk(before, after, shownBefore, shownAfter, '')
  return found
}

/**
 * The JSON merge patch (RFC 7396) that turns `before` into `after`. Undefined means that nothing changed. Such a patch
 * cannot set a member to null, because null removes the member. Where `after` needs that, the answer is the path of
 * that member.
 */
export function patchBetween(before: Json, after: Json): { patch: Json | undefined } | { nullAt: string } {
  const patch = changes(before, after)
  if (patch === undefined || equal(mergePatch(before, patch), after)) return { patch }
  return { nullAt: firstNull(patch, before, after, '') ?? '' }
}

/** The merge patch, without regard to members that become null. Undefined where nothing changed. */
function changes(before: Json | undefined, after: Json): Json | undefined {
  if (equal(before, after)) return undefined
  if (!isObject(before) || !isObject(after)) return after
  const members: [string, Json][] = []
  for (const [name, value] of Object.entries(after)) {
    const inner = changes(member(before, name), value as Json)
    if (inner !== undefined) members.push([name, inner])
  }
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) members.push([name, null])
  return Object.fromEntries(members)
}

/** The path of the first member that `after` has as null and that `patch` would remove. */
function firstNull(patch: Json, before: Json | undefined, after: Json | undefined, path: string): string | null {
  if (patch === null) return after === null ? path : null
  if (!isObject(patch)) return null
  for (const [name, inner] of Object.entries(patch)) {
    const found = firstNull(inner as Json, member(before, name), member(after, name), childPath(path, name))
    if (found !== null) return found
  }
  return null
}

/**
 * Puts real values back in place of masks. The form was filled with masked parameters (`masked`) and then edited. A
 * mask that still stands in its place becomes the value that it hides. In a list that was changed the masks stay,
 * because each could belong to another item.
 */
export function unmasked(edited: Json, masked: Json, real: Json): Json {
  if (equal(edited, masked)) return real
  if (!isObject(edited) || !isObject(masked) || !isObject(real)) return edited
  return Object.fromEntries(
    Object.entries(edited).map(([name, value]) => {
      const shown = member(masked, name)
      const hidden = member(real, name)
      return [name, shown === undefined || hidden === undefined ? value : unmasked(value as Json, shown, hidden)]
    }),
  ) as Json
}

/** The paths where a mask hides another value. */
export function masksIn(shown: Json | undefined, real: Json | undefined, path = ''): string[] {
  if (shown === MASK) return real === MASK ? [] : [path]
  if (Array.isArray(shown)) return shown.flatMap((one, i) => masksIn(one, item(real, i), childPath(path, i)))
  if (isObject(shown))
    return Object.entries(shown).flatMap(([name, inner]) =>
      masksIn(inner as Json, member(real, name), childPath(path, name)),
    )
  return []
}

const hidden = (value: Json | undefined) => (value === undefined ? undefined : MASK)
const member = (value: unknown, name: string) => ownMember(value, name) as Json | undefined
const item = (value: unknown, index: number) => (Array.isArray(value) ? (value[index] as Json | undefined) : undefined)

/** True where two values are equal as JSON. The order of members does not count. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => equal(one, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(member(a, name), member(b, name)))
  )
}
