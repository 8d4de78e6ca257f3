import { refuseUnknownRoute } from '@/server/api/http'

export const dynamic = 'force-dynamic'

const handler = (): Response => refuseUnknownRoute()

// Programs call here: what does not exist is refused in their language, not with a page.
export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT }
