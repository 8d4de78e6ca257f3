import { walkJson } from './json-tokens'

// Finds numbers in JSON text that a double cannot hold exactly (rule 2, "Sizes and numbers"). The browser, the web
// process and workers all decide by this one file.

/**
 * Text without a match holds no inexact number: numbers of up to 15 digits are always kept, and only an exponent can
 * add more digits.
 */
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
  // Text that is no number at all is left for JSON.parse to refuse.
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

/** Where valid JSON text has numbers that cannot be taken, at most 20 of them. The text is walked once. */
export function inexactNumbers(text: string): { keys: (string | number)[]; problem: string }[] {
  const found: { keys: (string | number)[]; problem: string }[] = []
  if (!MAY_BE_INEXACT.test(text)) return found
  walkJson(text, {
    number(literal, keys) {
      const problem = numberProblem(literal)
      return problem !== null && found.push({ keys: [...keys], problem }) >= MAX_PROBLEMS
    },
  })
  return found
}

/**
 * A number without its sign: its digits, without zeros at either end, and the power of ten by which they are
 * multiplied.
 */
function decimal(literal: string): { digits: string; exponent: number } {
  const [, whole = '', fraction = '', power = '0'] = /^-?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? []
  const all = whole + fraction
  let from = 0
  let to = all.length
  while (from < to && all[from] === '0') from++
  while (to > from && all[to - 1] === '0') to--
  return { digits: all.slice(from, to), exponent: Number(power) - fraction.length + (all.length - to) }
}
