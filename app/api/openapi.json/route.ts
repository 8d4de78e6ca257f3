import { apiDocument } from '@/server/api/openapi'
import { refuseMethod } from '@/server/api/read-only'

export const dynamic = 'force-dynamic'

/**
 * The API as an OpenAPI document, for programs. It is public, as the API reference is. It tells what can be called and
 * nothing about anybody's data.
 */
export const GET = (): Response => Response.json(apiDocument(), { headers: { 'cache-control': 'no-cache' } })

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
