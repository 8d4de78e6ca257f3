import { EngineError } from './errors'

/** What a caller decides about one job beside its parameters, at submission and while it waits. */
export interface JobOptions {
  runAt?: Date
  maxRetries?: number
  timeoutSeconds?: number
}

/**
 * In-process callers do not pass through the API's schema; the same bounds hold for them.
 *
 * @param at where the caller finds the options: `jobs[3].`, `changes.` or nothing.
 * @throws EngineError INVALID_INPUT
 */
export function checkJobOptions({ maxRetries, timeoutSeconds, runAt }: JobOptions, at: string): void {
  if (maxRetries !== undefined && !(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= 1000)) {
    throw invalid(`${at}maxRetries`, 'Give a whole number from 0 to 1000.')
  }
  if (
    timeoutSeconds !== undefined &&
    !(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= 86_400)
  ) {
    throw invalid(`${at}timeoutSeconds`, 'Give a whole number of seconds from 1 to 86400.')
  }
  // However long ago, a time that has passed means now.
  if (runAt !== undefined && !(runAt.getTime() < Date.UTC(10_000, 0))) {
    throw invalid(`${at}runAt`, 'Give a valid date before the year 10000.')
  }
}

/** INVALID_INPUT about one field. */
export function invalid(path: string, message: string): EngineError {
  return new EngineError('INVALID_INPUT', `${path}: ${message}`, { fields: [{ path, message }] })
}
