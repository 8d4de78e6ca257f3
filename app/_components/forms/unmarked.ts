import type { Problems } from './check-parameters'
import { OPTION_FIELDS } from './options-fields'
import { branchOf } from './form-values'
import { childPath, isObject, ownMember, type Json } from './json'
import type { FormNode } from './form-node'

/**
 * The problems that no control of the form can show. They are listed above the fields: problems of the object as a
 * whole, of a member without a field, of a value inside a JSON field, and of an option that the form does not have.
 */
export function unmarked(problems: Problems, form: FormNode, value: unknown): [path: string, message: string][] {
  const marked = new Set([...marks(form, value, ''), ...OPTION_FIELDS.map((name) => `option:${name}`)])
  return Object.entries(problems).flatMap(([path, message]) =>
    marked.has(path.replace(/^option:dependsOn\[.*/, 'option:dependsOn'))
      ? []
      : [[path.replace(/^option:/, ''), message]],
  )
}

/** The paths at which the form shows problems: its controls, and the groups around them except the outermost. */
function marks(node: FormNode, value: unknown, path: string): string[] {
  const own = path === '' ? [] : [path]
  const items = Array.isArray(value) ? value : []
  switch (node.kind) {
    case 'object': {
      const { fields, rest } = node
      const open =
        rest && isObject(value) ? Object.keys(value).filter((name) => !fields.some((f) => f.name === name)) : []
      return [
        ...own,
        ...fields.flatMap((field) => marks(field.node, ownMember(value, field.name), childPath(path, field.name))),
        ...open.flatMap((name) => marks(rest!, ownMember(value, name), childPath(path, name))),
      ]
    }
    case 'array':
      return [...own, ...items.flatMap((item, i) => marks(node.item, item, childPath(path, i)))]
    case 'tuple':
      return [
        ...own,
        ...node.items.flatMap((item, i) => marks(item, items[i], childPath(path, i))),
        ...items.slice(node.items.length).flatMap((item, i) => {
          const at = childPath(path, node.items.length + i)
          return node.rest ? marks(node.rest, item, at) : []
        }),
      ]
    case 'branches': {
      const chosen = branchOf(node.options, value as Json | undefined)
      return chosen === null ? own : [...own, ...marks(node.options[chosen]!.node, value, path)]
    }
    default:
      return own
  }
}
