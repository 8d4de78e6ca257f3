import { refuseMethod } from '@/server/api/read-only'

export const dynamic = 'force-dynamic'

/**
 * Answers while the process runs. It checks nothing else, because a missing database is no reason to restart the web
 * process.
 */
export const GET = (): Response => Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
