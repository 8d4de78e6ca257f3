import type { Claimed } from '@/server/engine'
import type { Logger } from '@/server/logger'

/** The fields by which the log lines of one attempt are found. */
export const attemptFields = ({ jobId, attempt, organizationId, jobType, requestId }: Claimed) => ({
  jobId,
  attempt,
  organizationId,
  jobType,
  ...(requestId !== null && { requestId }),
})

export type LineLevel = 'INFO' | 'WARN' | 'ERROR'

/**
 * Writes what a handler logs into the worker's log, too, with the ids by which a request is followed from HTTP to here.
 * Ordinary lines are written at debug only, because a worker runs thousands of jobs a second, and the dashboard shows
 * these lines anyway.
 */
export function writeHandlerLine(logger: Logger, claimed: Claimed, level: LineLevel, message: string): void {
  const as = level === 'INFO' ? 'debug' : level === 'WARN' ? 'warn' : 'error'
  if (logger.isLevelEnabled(as)) logger[as]({ from: 'handler', ...attemptFields(claimed) }, message)
}
