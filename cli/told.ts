import { CommanderError } from 'commander'
import { JobyardError } from '@/client'
import { EnvError } from '@/server/env'
import { CommandError } from './command-error'
import { plain } from './print'

/** Why a command could not do what was asked, as --json tells it. */
export interface Told {
  reason: string
  message: string
  data?: unknown
}

/** The error of a command in words that may be printed. */
export function told(error: unknown): Told {
  if (error instanceof CommanderError) return { reason: 'COMMAND', message: usageOf(error) }
  if (error instanceof JobyardError) return { reason: error.reason, message: plain(error.message), data: error.data }
  if (error instanceof CommandError) return { reason: 'COMMAND', message: error.message }
  if (error instanceof EnvError) return { reason: 'ENVIRONMENT', message: error.message }
  return { reason: 'FAILED', message: error instanceof Error ? error.message : String(error) }
}

/** A wrong option or argument. Where a command of several is missing, commander prints the help and has no message. */
const usageOf = ({ code, message }: CommanderError): string =>
  code === 'commander.help' ? 'Say which command. Add --help to see the commands.' : message.replace(/^error: /, '')
