import type { Problems } from './check-parameters'
import { OPTION_FIELDS } from './options-fields'
import { childPath, ownMember, type FormNode } from './schema-form'

/**
 * The problems that no control of the form can show. They are listed above the fields: problems of the object as a
 * whole, of a member without a field, of a value inside a JSON field, and of an option that the form does not have.
 */
export function unmarked(problems: Problems, form: FormNode, value: unknown): [path: string, message: string][] {
  const marked = new Set([...marks(form, value, ''), ...OPTION_FIELDS.map((name) => `option:${name}`)])
  return Object.entries(problems).flatMap(([path, message]) =>
    marked.has(path) ? [] : [[path.replace(/^option:/, ''), message]],
  )
}

/** The paths at which the form shows problems: its controls, and the groups around them except the outermost. */
function marks(node: FormNode, value: unknown, path: string): string[] {
  const own = path === '' ? [] : [path]
  if (node.kind === 'object') {
    return [
      ...own,
      ...node.fields.flatMap((field) => marks(field.node, ownMember(value, field.name), childPath(path, field.name))),
    ]
  }
  if (node.kind === 'array' && Array.isArray(value))
    return [...own, ...value.flatMap((item, i) => marks(node.item, item, childPath(path, i)))]
  return own
}
