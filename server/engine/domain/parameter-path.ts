/**
 * A place in the parameters of a job as one text: the names on the way there, with dots between them, such as
 * `order.id` or `lines.0.sku`. A name that has a dot of its own stands in quotation marks, as in `span."http.status"`.
 */

/** The names on the way to a place. A name in quotation marks is read as a JSON string, dots and all. */
export function pathSteps(path: string): string[] {
  const steps: string[] = []
  let rest = path
  for (;;) {
    const name = QUOTED_NAME.exec(rest)?.[0]
    const step = name === undefined ? undefined : textOf(name)
    const length = step === undefined ? rest.search(/\.|$/) : name!.length
    steps.push(step ?? rest.slice(0, length))
    if (length === rest.length) return steps
    rest = rest.slice(length + 1)
  }
}
const QUOTED_NAME = /^"(?:[^"\\]|\\.)*"(?=\.|$)/

/** The text of a place. `pathSteps` reads it. */
export const pathOf = (steps: readonly string[]): string =>
  steps.map((step) => (/\.|^"/.test(step) ? JSON.stringify(step) : step)).join('.')

/** The text in a JSON string. Undefined where it is none. */
function textOf(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
