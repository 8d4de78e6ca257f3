import { JobyardError } from './errors'

/**
 * From this size on, JSON writes a number with an exponent. A smaller whole number is written in digits, and above 2^53
 * some of them may be wrong.
 */
const WRITTEN_IN_DIGITS = 1e21

/**
 * Writes an input as JSON text. A value that JSON.stringify would change silently is refused before anything is sent.
 * The refusal names the path of the value, as the server's refusals do. This concerns whole numbers above 2^53, which may
 * already have been rounded, BigInt, NaN, Infinity, functions, symbols, Map, Set, invalid dates, and an object that
 * contains itself.
 *
 * @throws JobyardError INVALID_INPUT
 */
export function jsonText(input: unknown): string {
  /**
   * The objects around the present value, from the outside in. Each has the key of the member that is being written.
   */
  const way: { holder: object; key: string }[] = []
  try {
    return JSON.stringify(input, function (this: object, key, value: unknown) {
      while (way.length > 0 && way.at(-1)!.holder !== this) way.pop()
      if (way.length > 0) way.at(-1)!.key = key
      const problem = way.some(({ holder }) => holder === value)
        ? 'contains itself, which JSON cannot say: leave it out'
        : problemOf(value, (this as Record<string, unknown>)[key])
      if (problem) throw refusal(pathOf(way), problem)
      if (typeof value === 'object' && value !== null) way.push({ holder: value, key: '' })
      return value
    })
  } catch (error) {
    // It is nested too deeply, or a `toJSON` of the caller threw. No other try would change that.
    if (error instanceof JobyardError) throw error
    throw refusal(pathOf(way), `cannot be written as JSON (${error instanceof Error ? error.message : String(error)})`)
  }
}

/**
 * What is wrong with a value. Null if nothing is.
 * @param given the value before its `toJSON`
 */
function problemOf(value: unknown, given: unknown): string | null {
  switch (typeof value) {
    case 'bigint':
      return 'is a BigInt, which JSON does not have: send it as a string'
    case 'number':
      if (!Number.isFinite(value)) return `is ${value}, which is no JSON number: send a finite number or null`
      return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < WRITTEN_IN_DIGITS
        ? `cannot be kept exactly (it is ${value}, beyond 2^53): send it as a string`
        : null
    case 'function':
    case 'symbol':
      return `is a ${typeof value}, which JSON does not have`
    default:
      if (value instanceof Map || value instanceof Set)
        return 'is a Map or Set, which JSON would empty: send an object or a list'
      return value === null && given instanceof Date ? 'is an invalid Date' : null
  }
}

function refusal(path: string, problem: string): JobyardError {
  return new JobyardError('INVALID_INPUT', `The input cannot be taken: ${path || 'it'} ${problem}`, {
    data: { fields: [{ path, message: problem }] },
  })
}

/** The path of a value, such as `jobs[3].parameters.id`. */
const pathOf = (way: readonly { holder: object; key: string }[]): string =>
  way.reduce(
    (path, { holder, key }) => (Array.isArray(holder) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    '',
  )
