import { refuseMethod } from '@/server/api/read-only'
import { isReady } from '@/server/api/ready'
import { getServices } from '@/server/api/services'

export const dynamic = 'force-dynamic'

/** Tells whether the process can serve. The answer is 503 until the database answers. */
export async function GET(): Promise<Response> {
  const ready = await isReady(getServices())
  return Response.json(
    { status: ready ? 'ok' : 'unavailable', database: ready },
    { status: ready ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  )
}

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
