import { inexactNumbers } from '@/server/engine/domain/exact-numbers'
import { childPath, type Json } from './schema-form'

/**
 * Reads JSON. Empty text is an empty object, which is a job without parameters. A number that JavaScript would round is
 * a problem, too.
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
  if (!inexact) return { value }
  const place = inexact.keys.reduce<string>((path, key) => childPath(path, key), '')
  return { problem: `${place === '' ? 'The number' : place} ${inexact.problem}` }
}
