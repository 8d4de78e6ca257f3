import { refuseMethod } from '@/server/api/read-only'
import { getServices } from '@/server/api/services'
import { readiness } from '@/server/deployment/readiness'

export const dynamic = 'force-dynamic'

/**
 * Tells whether calls can be served: 200, or 503 where the database does not answer or where this version cannot work
 * with its migrations. Tells also whether jobs run: `degraded` where no worker is alive or none reaches BullMQ's store.
 */
export async function GET(): Promise<Response> {
  const answer = await readiness(getServices().db)
  return Response.json(answer, {
    status: answer.status === 'down' ? 503 : 200,
    headers: { 'cache-control': 'no-store' },
  })
}

// Next.js answers HEAD by GET. Every other method is refused with a reason.
export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
