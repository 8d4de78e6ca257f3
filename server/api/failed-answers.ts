import type { Logger } from '@/server/logger'
import { logEvent } from '@/server/telemetry/log-events'

// Writes into the log why an answer failed.

/** Why an answer is a 5xx, or has such an answer within it. */
export interface Failure {
  error: unknown
  reason: string
  /** The procedure that failed. */
  procedure?: string
}

const failures = new WeakMap<Response, Failure>()
const logged = new WeakSet<Response>()

/** Remembers why this answer failed, for the line in the log. The first reason stands. */
export function noteFailure(response: Response, failure: Failure): void {
  if (!failures.has(response)) failures.set(response, failure)
}

/**
 * Writes one line for an answer of 5xx, or for a batch that has one within it: which request it was, and why (rule
 * 4.40). Other answers have no line.
 *
 * @param since when the request came, by the process's monotonic clock
 */
export function logFailedAnswer(request: Request, response: Response, logger: Logger, since: number): void {
  const failure = failures.get(response)
  // A caller who left gets no answer, and what broke because of that is no fault of ours.
  if ((response.status < 500 && !failure) || request.signal.aborted) return
  logged.add(response)
  const { error, ...rest } = failure ?? {}
  logger.error(
    logEvent('answer-failed', {
      requestId: request.headers.get('x-request-id') ?? undefined,
      method: request.method,
      path: new URL(request.url).pathname,
      status: response.status,
      ms: Math.round(performance.now() - since),
      ...rest,
      ...(error === undefined ? {} : { err: causeOf(error) }),
    }),
    'a request was answered with an error of ours',
  )
}

/** True where the line of this answer has been written, so that server/web/direct-api.ts writes no second one. */
export const isLogged = (response: Response): boolean => logged.has(response)

/** The error that tRPC has wrapped, because it says more than the TRPCError around it. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'TRPCError' ? (error.cause ?? error) : error
