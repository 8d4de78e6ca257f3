import { EngineError } from './errors'

/** The options of one job that have bounds. A caller chooses them at submission and while the job waits. */
export interface JobOptions {
  runAt?: Date
  maxRetries?: number
  timeoutSeconds?: number
}

/**
 * Refuses options that are out of bounds. The API's schema checks the same, but callers in the same process do not pass
 * through it.
 *
 * @param at the prefix of the options in the caller's input: `jobs[3].`, `changes.` or nothing
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
  // There is no earliest time, because every time in the past means now. An invalid Date is not below the limit either.
  if (runAt !== undefined && !(runAt.getTime() < Date.UTC(10_000, 0))) {
    throw invalid(`${at}runAt`, 'Give a valid date before the year 10000.')
  }
}

/** An INVALID_INPUT refusal about one field. */
export function invalid(path: string, message: string): EngineError {
  return new EngineError('INVALID_INPUT', `${path}: ${message}`, { fields: [{ path, message }] })
}
