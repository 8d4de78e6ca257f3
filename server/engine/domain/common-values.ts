import { MASK } from './mask'
import { pathOf } from './parameter-path'
import type { Json } from './types'

/** A value that most of some parameters have, and most of others do not. */
export interface CommonValue {
  /** As `args` of a filter takes it: `order.id`, `lines.0.sku`, `span."http.status"`. */
  path: string
  value: string | number | boolean | null
  /** So many of `of` have it. */
  count: number
  of: number
  /** So many of the others have it. */
  others: { count: number; of: number }
}

/** How many values of one set of parameters are looked at, and how deep. So no parameters take long. */
const MAX_LEAVES = 300
const MAX_DEPTH = 8
/** Characters. Longer texts are left out, because jobs hardly ever have the same one. */
const MAX_TEXT = 200
/** The most values that are told. */
const MAX_FOUND = 20

/**
 * What parameters have in common that others do not: values that more than half of `ours` share, and less than half
 * of `others`, and whose share among `others` is lower by at least 30 percentage points. The clearest difference comes
 * first. Masked values are never among them.
 */
export function valuesInCommon(ours: readonly Json[], others: readonly Json[]): CommonValue[] {
  if (ours.length < 2) return []
  const [mine, theirs] = [countValues(ours), countValues(others)]
  const found: (CommonValue & { clearness: number })[] = []
  for (const [key, count] of mine) {
    const share = count / ours.length
    const foreign = theirs.get(key) ?? 0
    const foreignShare = others.length === 0 ? 0 : foreign / others.length
    if (share <= 0.5 || foreignShare >= 0.5 || share - foreignShare < 0.3) continue
    const [steps, value] = JSON.parse(key) as [string[], CommonValue['value']]
    found.push({
      path: pathOf(steps),
      value,
      count,
      of: ours.length,
      others: { count: foreign, of: others.length },
      clearness: share - foreignShare,
    })
  }
  return found
    .sort((a, b) => b.clearness - a.clearness || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_FOUND)
    .map(({ clearness: _, ...value }) => value)
}

/** In how many of these each value stands at its path. */
function countValues(all: readonly Json[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const parameters of all)
    for (const key of new Set(leaves(parameters))) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function leaves(root: Json): string[] {
  const found: string[] = []
  const open: { value: Json; steps: string[] }[] = [{ value: root, steps: [] }]
  for (let next = open.pop(); next !== undefined && found.length < MAX_LEAVES; next = open.pop()) {
    const { value, steps } = next
    if (typeof value !== 'object' || value === null) {
      const long = typeof value === 'string' && value.length > MAX_TEXT
      if (steps.length > 0 && value !== MASK && !long) found.push(JSON.stringify([steps, value]))
    } else if (steps.length < MAX_DEPTH) {
      for (const [name, inner] of Object.entries(value).slice(0, MAX_LEAVES))
        open.push({ value: inner!, steps: [...steps, name] })
    }
  }
  return found
}
