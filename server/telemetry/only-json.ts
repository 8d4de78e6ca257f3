import { format } from 'node:util'
import type { Logger } from '@/server/logger'
import { logEvent } from './log-events'

/**
 * Makes everything that this process writes a line of JSON: what packages write to the console, warnings of Node.js, and
 * the error that ends the process. A collector of logs would take each line of a stack for an entry of its own.
 */
export function writeOnlyJson(logger: Logger): void {
  const plain = logger.child({ from: 'console' })
  const info = (...words: unknown[]) => plain.info(format(...words))
  const debug = (...words: unknown[]) => plain.debug(format(...words))
  Object.assign(console, {
    log: info,
    info,
    debug,
    trace: debug,
    warn: (...words: unknown[]) => plain.warn(format(...words)),
    error: (...words: unknown[]) => plain.error(...errorAndText(words)),
  })
  // The only listener until now is the one of Node.js, which prints.
  process.removeAllListeners('warning')
  process.on('warning', (warning) => plain.warn({ err: warning }, warning.message))
  process.on('uncaughtException', (error) => {
    logger.fatal(logEvent('crashed', { err: error }), 'an error that nobody expected ends this process')
    process.exit(1)
  })
}

/** The first error among the words is logged as such, with its stack as one field. */
function errorAndText(words: unknown[]): [object, string] {
  const error = words.find((word) => word instanceof Error)
  return [error ? { err: error } : {}, format(...words.map((word) => (word instanceof Error ? word.message : word)))]
}
