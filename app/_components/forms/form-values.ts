import { MASK } from '@/server/engine/domain/mask'
import { isObject, ownMember, sameJson, type Json } from './json'
import { onlyValueOf, type Branch, type FormNode } from './form-node'

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

/** A value as it may be shown. The mask stands in each place that the form calls sensitive. */
export function maskedBy(node: FormNode, value: Json): Json {
  if (node.sensitive) return MASK
  switch (node.kind) {
    case 'array':
      return Array.isArray(value) ? value.map((item) => maskedBy(node.item, item)) : value
    case 'tuple':
      return Array.isArray(value)
        ? value.map((item, i) => {
            const own = node.items[i] ?? node.rest
            return own ? maskedBy(own, item) : item
          })
        : value
    case 'branches':
      return node.options.reduce((shown, { node: option }) => maskedBy(option, shown), value)
    case 'object': {
      if (!isObject(value)) return value
      const members = Object.entries(value).map(([name, member]) => {
        const own = node.fields.find((field) => field.name === name)?.node ?? node.rest
        return [name, own ? maskedBy(own, member as Json) : member] as const
      })
      return Object.fromEntries(members) as Json
    }
    default:
      return value
  }
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
 * The value that a branch begins with. It has the branch's own defaults, and it keeps the fields that the former branch
 * asked for in the same way.
 */
export function intoBranch(from: FormNode | undefined, to: FormNode, value: Json | undefined): Json | undefined {
  const start = initialValue(to)
  if (from?.kind !== 'object' || to.kind !== 'object' || !isObject(value)) return start ?? blank(to)
  const kept = to.fields.filter(({ name, node }) => {
    const before = from.fields.find((field) => field.name === name)?.node
    return before !== undefined && before.kind === node.kind && node.kind !== 'enum' && Object.hasOwn(value, name)
  })
  return kept.reduce<Json | undefined>(
    (object, { name }) => withField(object, name, ownMember(value, name) as Json),
    start,
  )
}

/** The empty value of a kind. A new item of a list needs some value. */
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
