import { CommanderError } from 'commander'
import { createProgram } from './program'
import type { Surroundings } from './session'
import { told } from './told'

/**
 * Runs one command.
 *
 * @param args what stands after `jobyard`
 * @returns the exit code: 0, or 1 where the command could not do what was asked or found that something is not well
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  // Looked for here, because the program has to know it before it reads its arguments.
  const json = args.includes('--json')
  try {
    await createProgram(surroundings, { quiet: json }).parseAsync(args, { from: 'user' })
    return surroundings.exitCode ?? 0
  } catch (error) {
    // Commander has printed the help, or without --json what is wrong.
    if (error instanceof CommanderError && (!json || error.exitCode === 0)) return error.exitCode
    const problem = told(error)
    surroundings.err(json ? JSON.stringify({ error: problem }) : problem.message)
    return 1
  }
}
