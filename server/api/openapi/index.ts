import { getEnv } from '@/server/env'
import { appRouter } from '../root'
import { openApiDocument } from './document'
import type { OpenApiDocument } from './types'

/** It goes up when callers have to change something. */
const API_VERSION = '1.0.0'

let made: OpenApiDocument | undefined

/**
 * The OpenAPI document of this server. It is made once, because the router and the address stay the same while the
 * process runs.
 */
export const apiDocument = (): OpenApiDocument =>
  (made ??= openApiDocument(appRouter, { origin: new URL(getEnv().NEXTAUTH_URL).origin, version: API_VERSION }))
