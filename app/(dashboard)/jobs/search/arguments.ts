import type { JobFilterInput } from '@/app/_trpc/types'
import { conditionOf, keyOf, partsOf, pathIn, quoted, unquoted } from './words'

/** One condition on the parameters of a job, in the form of the API. */
export type Argument = NonNullable<JobFilterInput['args']>[number]
type Json = Exclude<Argument['value'], undefined>

/**
 * The limits of the API: the conditions of a filter, the values of one condition, the characters of a path, and the
 * bytes of all values of a condition.
 */
export const MOST_ARGUMENTS = 10
const MOST_VALUES = 10
const LONGEST_PATH = 200
const MOST_BYTES = 600

/**
 * Reads a condition such as `order.id:4711`. A value that looks like a number, true, false or null also matches the
 * text with the same letters, because the reader cannot see which of them a job has. Quotation marks make the value a
 * text. `order.id:={"a":1}` matches exactly this JSON.
 * Returns a message where the condition cannot be read.
 */
export function readArgument(word: string): Argument | string {
  const condition = conditionOf(word)
  if (!condition) return 'A parameter is written as path:value, as in order.id:4711.'
  const { value } = condition
  const path = pathIn(condition.key)
  if (path.length > LONGEST_PATH) return `A path has at most ${LONGEST_PATH} characters.`
  // First as one JSON value, which may itself hold commas. Otherwise commas part the values.
  const whole = jsonAfter(value)
  const argument = whole === undefined ? anyOf(path, partsOf(value)) : { path, value: whole }
  if (typeof argument === 'string') return argument
  const bytes = new TextEncoder().encode(JSON.stringify(argument.values ?? argument.value)).length
  return bytes > MOST_BYTES ? `The value takes ${bytes} bytes; at most ${MOST_BYTES} can be looked for.` : argument
}

/** The JSON value after `=`. Undefined where there is none. */
function jsonAfter(text: string): Json | undefined {
  if (!text.startsWith('=')) return undefined
  try {
    return JSON.parse(text.slice(1)) as Json
  } catch {
    return undefined
  }
}

/** Reads several values. A job matches that has any of them. */
function anyOf(path: string, parts: string[]): Argument | string {
  const values: Json[] = []
  for (const part of parts) {
    if (part.startsWith('=')) {
      const exact = jsonAfter(part)
      if (exact === undefined) return 'After = stands JSON, as in order.id:=4711 or tags:=["new"].'
      values.push(exact)
      continue
    }
    const text = unquoted(part)
    if (text === undefined) return 'Quotation marks stand around the whole value, as in note:"two words".'
    if (part === '') return 'A value is missing. Write "" for an empty text.'
    const literal = part.startsWith('"') ? undefined : literalOf(part)
    if (literal !== undefined) values.push(literal)
    values.push(text)
  }
  if (values.length > MOST_VALUES)
    return `At most ${MOST_VALUES} values can be looked for at once; a number counts twice.`
  return values.length === 1 ? { path, value: values[0]! } : { path, values }
}

/**
 * The number, truth value or null that a text stands for. Undefined where it stands for none, or where writing the
 * value again would give another text.
 */
function literalOf(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json
    return (value === null || typeof value !== 'object') && JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Writes a condition as a word of a search. `isKeyword` tells which keys need quotation marks, because they have
 * another meaning without them.
 */
export function argumentWord({ path, value, values = [value as Json] }: Argument, isKeyword: (key: string) => boolean) {
  const key = keyOf(path, isKeyword)
  const parts: string[] = []
  for (let at = 0; at < values.length; at++) {
    const one = values[at]!
    // A text that looks like a number needs quotation marks, or it would be read as both.
    if (typeof one === 'string') parts.push(literalOf(one) === undefined ? quoted(one) : JSON.stringify(one))
    // A value followed by the text with the same letters comes from a search without quotation marks.
    else if (values[at + 1] === JSON.stringify(one) && (one === null || typeof one !== 'object')) {
      parts.push(JSON.stringify(one))
      at++
    } else parts.push(`=${JSON.stringify(one)}`)
  }
  return `${key}:${parts.join(',')}`
}
