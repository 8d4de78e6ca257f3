import { CommanderError } from 'commander'
import { JobyardError } from '@/client'
import { EnvError } from '@/server/env'
import { CommandError } from './command-error'
import { plain } from './print'
import { createProgram } from './program'
import type { Surroundings } from './session'

/**
 * Runs one command.
 *
 * @param args what stands after `jobyard`
 * @returns the exit code: 0, or 1 where the command could not do what was asked
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await createProgram(surroundings).parseAsync(args, { from: 'user' })
    return surroundings.exitCode ?? 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    const problem = told(error)
    surroundings.err(args.includes('--json') ? JSON.stringify({ error: problem }) : problem.message)
    return 1
  }
}

function told(error: unknown): { reason: string; message: string; data?: unknown } {
  if (error instanceof JobyardError) return { reason: error.reason, message: plain(error.message), data: error.data }
  if (error instanceof CommandError) return { reason: 'COMMAND', message: error.message }
  if (error instanceof EnvError) return { reason: 'ENVIRONMENT', message: error.message }
  return { reason: 'FAILED', message: error instanceof Error ? error.message : String(error) }
}
