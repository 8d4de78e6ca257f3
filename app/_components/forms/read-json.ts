import { inexactNumbers } from '@/server/engine/domain/exact-numbers'
import { doubledName } from '@/server/engine/domain/json-tokens'
import { childPath, type Json } from './json'

/**
 * Reads JSON. Empty text is an empty object, which is a job without parameters. Text that would not be kept as it is
 * written is a problem: a number that JavaScript cannot hold closely enough (domain/exact-numbers.ts), or a name that
 * stands twice in one object.
 */
export function readJson(text: string): { value: Json } | { problem: string } {
  if (text.trim() === '') return { value: {} }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    // Firefox begins its messages with this.
    const detail = error instanceof Error ? error.message.replace(/^JSON\.parse: /, '') : ''
    return { problem: `This is not JSON yet${detail ? `: ${detail}` : ''}` }
  }
  const [inexact] = inexactNumbers(text)
  // `problem` goes on with a verb, such as "cannot be kept exactly". A number that is the whole text has no path.
  if (inexact) return { problem: `${placeOf(inexact.keys) || 'The number'} ${inexact.problem}` }
  const doubled = doubledName(text)
  if (doubled) return { problem: `${placeOf(doubled)} is given twice: keep one of them` }
  return { value }
}

const placeOf = (keys: readonly (string | number)[]): string =>
  keys.reduce<string>((path, key) => childPath(path, key), '')
