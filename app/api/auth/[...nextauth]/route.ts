import NextAuth from 'next-auth'
import { getServices } from '@/server/api/services'
import { authOptions } from '@/server/auth/session'

export const dynamic = 'force-dynamic'

// Made at the first request: the build runs without an environment.
let handler: ((...parts: unknown[]) => Promise<Response>) | undefined

const answer = (...parts: unknown[]): Promise<Response> => {
  handler ??= NextAuth(authOptions(getServices().db)) as (...parts: unknown[]) => Promise<Response>
  return handler(...parts)
}

export { answer as GET, answer as POST }
