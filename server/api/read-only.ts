import { EngineError } from '@/server/engine'
import { errorResponse } from './errors'

/** Answers every other method of a route that is only read: Next.js would refuse it by itself, without a reason. */
export const refuseMethod = (): Response =>
  errorResponse(new EngineError('METHOD_NOT_SUPPORTED', 'This address is only read: call it with GET or HEAD.'), {
    allow: 'GET, HEAD',
  })
