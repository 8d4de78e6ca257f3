import { answerMetrics } from '@/server/api/metrics-route'
import { refuseMethod } from '@/server/api/read-only'

export const dynamic = 'force-dynamic'

/**
 * Only for `npm run dev`: in production the web process answers this address beside Next.js (server/web/direct-api.ts).
 */
export const GET = (request: Request): Promise<Response> => answerMetrics(request)

export {
  refuseMethod as DELETE,
  refuseMethod as OPTIONS,
  refuseMethod as PATCH,
  refuseMethod as POST,
  refuseMethod as PUT,
}
