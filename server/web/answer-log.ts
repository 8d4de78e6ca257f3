import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@/server/logger'
import { isProcedure } from '@/server/api/http'
import { logEvent } from '@/server/telemetry/log-events'
import { REQUEST_ID_HEADER, requestIdOf } from '@/server/telemetry/request-id'
import { countRequest } from './count-requests'

/** Failed answers about which somebody who knew the cause has written a line already. */
const logged = new WeakSet<ServerResponse>()

/**
 * Gives a request its id, which the answer repeats in its header and log lines carry, and writes a line when it has
 * been answered: at debug, and for a 5xx as an error (rule 4.40).
 */
export function followRequest(request: IncomingMessage, response: ServerResponse, logger: Logger): void {
  const requestId = requestIdOf(request.headers[REQUEST_ID_HEADER])
  request.headers[REQUEST_ID_HEADER] = requestId
  response.setHeader(REQUEST_ID_HEADER, requestId)
  const since = performance.now()
  response.once('close', () => {
    const ms = performance.now() - since
    const path = (request.url ?? '').replace(/\?.*$/s, '')
    const stream = String(response.getHeader('content-type')).startsWith('text/event-stream')
    countRequest({ path, status: response.statusCode, ms, stream }, isProcedure)
    const failed = response.statusCode >= 500 && !logged.has(response)
    if (!failed && !logger.isLevelEnabled('debug')) return
    const line = {
      requestId,
      method: request.method,
      path,
      status: response.statusCode,
      ms: Math.round(ms),
      ...(!response.writableFinished && { callerLeft: true }),
    }
    if (failed) logger.error(logEvent('answer-failed', line), 'a request was answered with an error of ours')
    else logger.debug(line, 'a request was answered')
  })
}

/** Says that a line has been written about this failed answer, so that `followRequest` writes no second one. */
export const noteLogged = (response: ServerResponse): void => void logged.add(response)
