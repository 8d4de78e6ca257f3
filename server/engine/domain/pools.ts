import { POOL_NAME } from './name-forms'

/** The pool of a job type that names none. */
export const DEFAULT_POOL = 'default'

/** What is wrong with the name of a worker pool, or null. */
export const poolProblem = (name: string): string | null =>
  POOL_NAME.test(name)
    ? null
    : 'must be the name of a worker pool: it begins with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"'

/**
 * The pools in a list such as `reports,default`, each once, in the order of the alphabet.
 *
 * @throws Error that says which part is no name of a pool
 */
export function parsePools(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.find((name) => poolProblem(name) !== null)
  if (wrong !== undefined)
    throw new Error(
      `must be names of worker pools with commas between them, as in reports,default; ${wrong === '' ? 'one name is empty' : `"${wrong.slice(0, 120)}" is none`} (a name begins with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-")`,
    )
  return [...new Set(names)].sort()
}
