import { MASK } from '@/server/engine/domain/mask'
import { argumentWord, readArgument, type Argument } from './arguments'
import { isReserved } from './keywords'

/**
 * The address of the list of jobs that have the same value at the same place of their parameters. Null where that cannot be
 * asked: a sensitive value is never found, a name with a point in it would be read as two steps, and long values are not
 * looked for.
 */
export function filterBy(path: readonly string[], value: unknown): string | null {
  if (value === MASK || path.length === 0 || path.some((step) => step === '' || step.includes('.'))) return null
  const at = path.join('.')
  // A number is looked for as the text of the same letters, too, as when somebody types it.
  const argument =
    typeof value === 'string' ? { path: at, value } : { path: at, values: [value, JSON.stringify(value)] }
  const word = argumentWord(argument as Argument, isReserved)
  return typeof readArgument(word) === 'string' ? null : `/jobs?${new URLSearchParams({ arg: word })}`
}
