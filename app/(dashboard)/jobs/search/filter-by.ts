import { MASK } from '@/server/engine/domain/mask'
import { pathOf } from '@/server/engine/domain/parameter-path'
import { argumentWord, readArgument, type Argument } from './arguments'
import { isReserved } from './keywords'

/**
 * The address of the list of jobs that have the same value at the same place in their parameters. Null where that
 * cannot be searched for. Sensitive values are never found, and long values are not in the index.
 */
export function filterBy(path: readonly string[], value: unknown): string | null {
  if (value === MASK || path.length === 0 || path.includes('')) return null
  const at = pathOf(path)
  // The search also finds the text with the same letters, as when somebody types the number.
  const argument =
    typeof value === 'string' ? { path: at, value } : { path: at, values: [value, JSON.stringify(value)] }
  const word = argumentWord(argument as Argument, isReserved)
  return typeof readArgument(word) === 'string' ? null : `/jobs?${new URLSearchParams({ arg: word })}`
}
