// Numbers as JSON text writes them, and what becomes of them in a double (rule 2, "Sizes and numbers").
// The browser, the web process and workers decide by this one file, so it imports nothing.

/** Text in which no number can be inexact: up to 15 digits are always kept, and no exponent makes them more. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/
const MAX_PROBLEMS = 20

/**
 * Why a number of JSON text cannot be taken, or null where it can. It is decided by value, not by how it is
 * written: a whole number must be held by a double exactly, or be what RFC 8785 writes for that double, so that
 * what we gave out can come back. Other decimals are rounded, as RFC 8785 says, but not to zero.
 */
export function numberProblem(literal: string): string | null {
  if (!MAY_BE_INEXACT.test(literal)) return null
  const value = Number(literal)
  // What is no number at all is for JSON.parse to refuse.
  if (Number.isNaN(value)) return null
  if (!Number.isFinite(value)) return 'is beyond the range of a double: send it as a string'
  const given = decimal(literal)
  if (value === 0 && given.digits !== '') return 'is nearer to zero than a double reaches: send it as a string'
  if (given.exponent < 0 || given.digits === '') return null
  const written = decimal(String(value))
  if (written.digits === given.digits && written.exponent === given.exponent) return null
  if (BigInt(given.digits + '0'.repeat(given.exponent)) === BigInt(Math.abs(value))) return null
  return `cannot be kept exactly (it would become ${value}): send it as a string`
}

/** Where in valid JSON text such numbers stand, at most 20; the text between costs one pass. */
export function inexactNumbers(text: string): { keys: (string | number)[]; problem: string }[] {
  const found: { keys: (string | number)[]; problem: string }[] = []
  if (!MAY_BE_INEXACT.test(text)) return found
  const keys: (string | number)[] = []
  // Of an object that has begun, no name yet: ''.
  for (const [token] of text.matchAll(TOKEN)) {
    const first = token[0]!
    if (first === '[') keys.push(0)
    else if (first === '{') keys.push('')
    else if (first === ']' || first === '}') keys.pop()
    else if (first === ',') {
      const last = keys.length - 1
      if (typeof keys[last] === 'number') keys[last]++
    } else if (first === '"') {
      // A name is what a colon follows; the token holds it.
      if (token.endsWith(':')) keys[keys.length - 1] = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string
    } else {
      const problem = numberProblem(token)
      if (problem && found.push({ keys: [...keys], problem }) >= MAX_PROBLEMS) break
    }
  }
  return found
}

/** Strings with the colon that makes them a name, numbers, and what opens, closes and separates. */
const TOKEN = /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.eE+-]*|[[\]{},]/g

/** A number without its sign as digits, which neither begin nor end with 0, and the power of ten that they count. */
function decimal(literal: string): { digits: string; exponent: number } {
  const [, whole = '', fraction = '', power = '0'] = /^-?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? []
  const all = whole + fraction
  let from = 0
  let to = all.length
  while (from < to && all[from] === '0') from++
  while (to > from && all[to - 1] === '0') to--
  return { digits: all.slice(from, to), exponent: Number(power) - fraction.length + (all.length - to) }
}
