import { handleTrpc } from '@/server/api/http'
import { getServices } from '@/server/api/services'

// The API under `npm run dev`. In production the web process answers these addresses beside Next.js
// (server/web/direct-api.ts).

export const dynamic = 'force-dynamic'

const handler = (request: Request): Promise<Response> => handleTrpc(request, getServices())

// Methods that are not allowed come here, too, so that their refusal has a reason like every other.
export {
  handler as DELETE,
  handler as GET,
  handler as HEAD,
  handler as OPTIONS,
  handler as PATCH,
  handler as POST,
  handler as PUT,
}
