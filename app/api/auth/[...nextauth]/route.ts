import { handleAuth } from '@/server/api/auth-http'
import { getServices } from '@/server/api/services'

// Sign-in and sign-out by next-auth.

export const dynamic = 'force-dynamic'

const answer = async (request: Request, { params }: { params: Promise<{ nextauth: string[] }> }): Promise<Response> =>
  handleAuth(request, (await params).nextauth, getServices())

// Methods that are not allowed come here, too, so that their refusal has a reason like every other.
export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
}
