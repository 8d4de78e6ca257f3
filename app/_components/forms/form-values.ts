import { MASK } from '@/server/engine/domain/mask'
import type { Sensitivity } from '@/server/engine/domain/sensitive-schema'
import { isObject, ownMember, sameJson, type Json } from './json'
import { onlyValueOf, type Branch, type FormNode } from './form-node'

// The values of a form: what it begins with, which branch of a union they belong to, and how they are masked. form-node.ts
// describes the form.

/** The value of a new form: the defaults of the schema, and the objects that it requires. */
export function initialValue(node: FormNode): Json | undefined {
  if (node.initial !== undefined) return structuredClone(node.initial)
  if (node.kind !== 'object') return undefined
  const value: { [key: string]: Json } = {}
  for (const { name, node: child, required } of node.fields) {
    // An optional object starts out missing, even when its fields have defaults.
    if (child.kind === 'object' && !required && child.initial === undefined) continue
    // A required box that is not ticked means no, because a box cannot show that nothing was chosen.
    const initial = initialValue(child) ?? (child.kind === 'boolean' && required ? false : undefined)
    if (initial !== undefined) value[name] = initial
  }
  return value
}

/** A value as it may be shown. The mask stands in each place that the server masks, also where the form has no field. */
export function maskedBy(marks: Sensitivity, value: Json): Json {
  if (marks.whole) return MASK
  if (!marks.somewhere) return value
  if (Array.isArray(value)) return value.map((item, i) => maskedBy(marks.ofItem(i), item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, maskedBy(marks.ofField(name), member as Json)]),
  )
}

/**
 * The branch that a value belongs to. It is the first one whose required fields are all there, or else the first one of
 * the right kind. Null where none fits.
 */
export function branchOf(options: readonly Branch[], value: Json | undefined): number | null {
  if (value === undefined) return null
  const strict = options.findIndex(({ node }) => fitsField(node, value, true))
  const found = strict >= 0 ? strict : options.findIndex(({ node }) => fitsField(node, value, false))
  return found >= 0 ? found : null
}

/** Whether a value fits. With `strict`, every required field must be there. */
function fitsField(node: FormNode, value: Json, strict: boolean): boolean {
  switch (node.kind) {
    case 'object':
      return (
        isObject(value) &&
        node.fields.every((field) => {
          const member = ownMember(value, field.name) as Json | undefined
          const only = onlyValueOf(field)
          if (only !== undefined) return member !== undefined && sameJson(member, only)
          return !strict || !field.required || member !== undefined
        })
      )
    case 'array':
    case 'tuple':
    case 'choices':
      return Array.isArray(value)
    case 'enum':
      return node.options.some((option) => sameJson(option, value))
    case 'branches':
      return branchOf(node.options, value) !== null
    case 'text':
    case 'upload':
    case 'file-name':
      return typeof value === 'string'
    case 'columns':
      return isObject(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'json':
      return true
  }
}

/**
 * The value that a branch begins with. It has the branch's own defaults, and keeps what was filled in for fields that
 * both branches have, where the value is still allowed.
 */
export function intoBranch(from: FormNode | undefined, to: FormNode, value: Json | undefined): Json | undefined {
  const start = initialValue(to)
  if (from?.kind !== 'object' || to.kind !== 'object' || !isObject(value)) return start ?? blank(to)
  let result = start
  for (const { name, node } of to.fields) {
    const before = from.fields.find((field) => field.name === name)?.node
    const kept = before?.kind === node.kind ? allowedPart(node, ownMember(value, name) as Json | undefined) : undefined
    if (kept !== undefined) result = withField(result, name, kept)
  }
  return result
}

/** What of a value a field can show. A choice that it does not offer is left out, because nobody could untick it. */
function allowedPart(node: FormNode, value: Json | undefined): Json | undefined {
  if (value === undefined) return undefined
  const isOffered = (options: readonly Json[], one: Json) => options.some((option) => sameJson(option, one))
  if (node.kind === 'enum') return isOffered(node.options, value) ? value : undefined
  if (node.kind === 'choices') return Array.isArray(value) ? value.filter((one) => isOffered(node.options, one)) : value
  if (node.kind === 'array' && Array.isArray(value))
    return value.map((item) => allowedPart(node.item, item)).filter((item) => item !== undefined)
  if (node.kind === 'object' && isObject(value))
    return node.fields.reduce<{ [key: string]: Json }>(
      (kept, { name, node: own }) =>
        withField(kept, name, allowedPart(own, ownMember(value, name) as Json | undefined)),
      value as { [key: string]: Json },
    )
  return value
}

/** What stands in a list for an item that was not filled in yet. It is null where a kind has no empty value. */
export function blank(node: FormNode): Json {
  if (node.kind === 'object') return {}
  if (node.kind === 'array' || node.kind === 'choices') return []
  if (node.kind === 'boolean') return false
  if (node.kind === 'text') return ''
  return null
}

/** A copy of a value with one field set, or removed where `next` is undefined. The other fields keep their order. */
export function withField(value: Json | undefined, name: string, next: Json | undefined): { [key: string]: Json } {
  const object = isObject(value) ? { ...(value as { [key: string]: Json }) } : {}
  if (next !== undefined) return { ...object, [name]: next }
  delete object[name]
  return object
}

/** True for the value that `blank` gives, where the schema has no such value. */
export const isUnfilled = (node: FormNode, value: Json | undefined): boolean =>
  value === null &&
  (node.kind === 'number' || node.kind === 'upload' || (node.kind === 'enum' && !node.options.includes(null)))
