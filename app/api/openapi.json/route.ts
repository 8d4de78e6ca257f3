import { apiDocument } from '@/server/api/openapi'
import { refuseMethod } from '@/server/api/read-only'

export const dynamic = 'force-dynamic'

/** The API described to programs. Public, as its reference is: it tells what can be asked, and nothing of anybody. */
export const GET = (): Response => Response.json(apiDocument(), { headers: { 'cache-control': 'no-cache' } })

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
