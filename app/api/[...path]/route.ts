import { refuseUnknownRoute } from '@/server/api/http'

export const dynamic = 'force-dynamic'

const handler = (): Response => refuseUnknownRoute()

// Programs call addresses below /api. For an unknown one they get a refusal in JSON and not a page. Next.js itself
// answers HEAD by GET, and OPTIONS with the names of these methods.
export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT }
