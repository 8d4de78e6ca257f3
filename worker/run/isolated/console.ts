import { format } from 'node:util'
import type { LineLevel } from '../handler-lines'

type Sink = (level: LineLevel, message: string) => void

let sink: Sink | undefined
let taken = false

/**
 * From now on what this thread writes to its console goes to `to`, with the warnings of Node.js. The worker writes it
 * as lines of JSON with the job's id. Without this, a handler's `console.log` would be a line that no collector of logs
 * can read.
 */
export function takeConsole(to: Sink): void {
  sink = to
  if (taken) return
  taken = true
  const write =
    (level: LineLevel) =>
    (...words: unknown[]) =>
      sink?.(level, format(...words))
  const info = write('INFO')
  Object.assign(console, { log: info, info, debug: info, trace: info, warn: write('WARN'), error: write('ERROR') })
  process.removeAllListeners('warning')
  process.on('warning', (warning) => sink?.('WARN', warning.message))
}
