import { inexactNumbers } from '@/server/engine/domain/exact-numbers'
import { doubledName } from '@/server/engine/domain/json-tokens'
import { childPath, type Json } from './json'

/**
 * Reads JSON. Empty text is an empty object, which is a job without parameters. Text that would not be kept as it is
 * written is a problem: a number that JavaScript would round, or a name that stands twice in one object.
 */
export function readJson(text: string): { value: Json } | { problem: string } {
  if (text.trim() === '') return { value: {} }
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^JSON\.parse: /, '') : ''
    return { problem: `This is not JSON yet${detail ? `: ${detail}` : ''}` }
  }
  const [inexact] = inexactNumbers(text)
  if (inexact) return { problem: `${placeOf(inexact.keys, 'The number')} ${inexact.problem}` }
  const doubled = doubledName(text)
  if (doubled) return { problem: `${placeOf(doubled, 'A field')} is given twice: keep one of them` }
  return { value }
}

const placeOf = (keys: readonly (string | number)[], nameless: string): string =>
  keys.reduce<string>((path, key) => childPath(path, key), '') || nameless
