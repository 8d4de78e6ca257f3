import { EngineError } from '@/server/engine'
import { errorResponse } from './errors'

/**
 * Refuses every method that does not read, on a route that can only be read. Next.js would refuse it as well, but
 * without a reason.
 */
export const refuseMethod = (): Response =>
  errorResponse(new EngineError('METHOD_NOT_SUPPORTED', 'This address is only read: call it with GET or HEAD.'), {
    allow: 'GET, HEAD',
  })
