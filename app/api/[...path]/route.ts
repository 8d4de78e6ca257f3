import { refuseUnknownRoute } from '@/server/api/http'

export const dynamic = 'force-dynamic'

const handler = (): Response => refuseUnknownRoute()

// Programs call addresses below /api. For an unknown one they get a refusal in JSON and not a page.
export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT }
