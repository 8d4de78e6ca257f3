import { refuseMethod } from '@/server/api/read-only'

export const dynamic = 'force-dynamic'

/** The process answers. Nothing else is asked: a database that is away is no reason to restart the web. */
export const GET = (): Response => Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
