/** A field of an object before and after an act. Null means that it did not exist. */
export interface ChangedField {
  name: string
  from: string | null
  to: string | null
  /** The value is a list or an object, so it is compared line by line. */
  lines: boolean
}

type Fields = Record<string, unknown>

/** The fields that differ between before and after. Objects with plain values are compared field by field. */
export function changedFields(before: unknown, after: unknown): ChangedField[] {
  const [was, is] = [flattened(before), flattened(after)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((path) => {
    const [from, to] = [valueText(was[path]), valueText(is[path])]
    return from === to ? [] : [{ name: words(path), from, to, lines: isDeep(was[path]) || isDeep(is[path]) }]
  })
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isDeep = (value: unknown) => typeof value === 'object' && value !== null

/**
 * The fields of an object by their path. A field with an object of plain values is taken apart: `concurrency` becomes
 * "concurrency global" and "concurrency perOrganization". Lists and deeper objects stay whole.
 */
function flattened(value: unknown, path = ''): Fields {
  if (!isObject(value)) return value === null || value === undefined ? {} : { [path || 'value']: value }
  return Object.fromEntries(
    Object.entries(value).flatMap(([field, inner]): [string, unknown][] => {
      const at = path ? `${path} ${field}` : field
      const plain = isObject(inner) && Object.keys(inner).length > 0 && !Object.values(inner).some(isDeep)
      return plain ? Object.entries(flattened(inner, at)) : [[at, inner]]
    }),
  )
}

function valueText(value: unknown): string | null {
  if (value === undefined) return null
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** The name of a field as people write it: "maxConcurrent" becomes "Max concurrent". */
function words(path: string): string {
  const text = path.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
