import type { Problems } from './check-parameters'
import { OPTION_FIELDS } from './options-fields'
import { childPath, isObject, type FormNode } from './schema-form'

/**
 * What the form has no control for to mark: the object as a whole, a member without a field, a value deep
 * inside of one that is typed as JSON, an option that is not asked for. It is said above the fields.
 */
export function unmarked(problems: Problems, form: FormNode, value: unknown): [path: string, message: string][] {
  const marked = new Set([...marks(form, value, ''), ...OPTION_FIELDS.map((name) => `option:${name}`)])
  return Object.entries(problems).flatMap(([path, message]) =>
    marked.has(path) ? [] : [[path.replace(/^option:/, ''), message]],
  )
}

/** Where the form says what is wrong: at its controls, and at the groups around them but the outermost. */
function marks(node: FormNode, value: unknown, path: string): string[] {
  const own = path === '' ? [] : [path]
  if (node.kind === 'object') {
    return [
      ...own,
      ...node.fields.flatMap((field) =>
        marks(field.node, isObject(value) ? value[field.name] : undefined, childPath(path, field.name)),
      ),
    ]
  }
  if (node.kind === 'array' && Array.isArray(value))
    return [...own, ...value.flatMap((item, i) => marks(node.item, item, childPath(path, i)))]
  return own
}
