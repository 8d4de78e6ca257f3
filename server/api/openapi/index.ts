import { getEnv } from '@/server/env'
import { appRouter } from '../root'
import { openApiDocument } from './document'
import type { OpenApiDocument } from './types'

/** It rises when callers have to change something. */
const API_VERSION = '1.0.0'

let made: OpenApiDocument | undefined

/**
 * The OpenAPI document of this server. It is made once, because router and address stay the same as long as the process
 * lives.
 */
export const apiDocument = (): OpenApiDocument =>
  (made ??= openApiDocument(appRouter, { origin: new URL(getEnv().NEXTAUTH_URL).origin, version: API_VERSION }))
