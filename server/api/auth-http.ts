import { TRPCError } from '@trpc/server'
import type { NextApiRequest, NextApiResponse } from 'next'
import nextAuth from 'next-auth'
import { safeCallback } from '@/server/auth/callback-url'
import { authOptions, type Visit } from '@/server/auth/next-auth'
import { defaultOf } from '@/server/auth/default-of'
import { readCookies } from '@/server/auth/session-cookie'
import { inNetworkTurn } from '@/server/auth/sign-in-turns'
import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'
import { clientAddress } from './address'
import { readText } from './body'
import { errorResponse, isUnforeseen } from './errors'
import { InputScanner } from './input/scanner'
import { FREE } from './input/shape'
import { refuseForeignOrigin } from './origin'
import type { Services } from './services'

// The addresses under /api/auth, where people sign in and out.

/**
 * The actions of next-auth that this server answers. By GET, `signin`, `signout` and `error` lead to our own sign-in page.
 * The page of next-auth for links by mail, its log and its session updates are not among them.
 */
const ACTIONS: Record<string, RegExp> = {
  GET: /^(?:csrf|session|providers|error|signin|signout|callback\/oidc)$/,
  POST: /^(?:signin\/(?:credentials|oidc)|callback\/credentials|signout)$/,
}
/** In bytes. It is enough for an email address, a password and a token. */
const MAX_BODY = 16 * 1024
/** How many seconds to wait if too many people of the same network sign in at this moment. */
const CROWDED_SECONDS = 5

const NextAuth = defaultOf(nextAuth)

/**
 * Answers addresses under /api/auth. next-auth signs people in and out. This function adds what next-auth lacks. It
 * refuses foreign origins, large bodies and too many attempts (429), and its errors reveal nothing about the server.
 */
export async function handleAuth(request: Request, path: string[], services: Services): Promise<Response> {
  try {
    const { method, headers } = request
    if (method !== 'GET' && method !== 'POST')
      return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }), { allow: 'GET, POST' })
    if (!ACTIONS[method]?.test(path.join('/')))
      throw new EngineError('NOT_FOUND', 'There is nothing of this name in the API.')
    // This is checked even without a session. A foreign page must not sign a person in with somebody else's account.
    if (method === 'POST') refuseForeignOrigin({ via: 'cookie' }, headers)
    // `authOptions` notes in it what the sign-in led to: seconds to wait, a cookie for the device, or an error.
    const visit: Visit = { headers, address: clientAddress(headers) }
    const reply = new Reply()
    // The body is read before the turn begins, so that nobody waits for a body that arrives slowly.
    const body = method === 'POST' ? sane(await readForm(request)) : undefined
    // This is how next-auth is called outside of route handlers. It needs no Next.js around it, so tests can call it,
    // too.
    const act = async () => {
      await NextAuth(
        {
          method,
          // Only the body of a POST counts. Parameters in its URL would be passed on to the provider.
          query: {
            ...(method === 'GET' && sane(Object.fromEntries(new URL(request.url).searchParams))),
            nextauth: path,
          },
          headers: Object.fromEntries(headers),
          cookies: sane(decodeAll(readCookies(headers.get('cookie') ?? ''))),
          body,
        } as unknown as NextApiRequest,
        reply as unknown as NextApiResponse,
        authOptions(services.db, services.logger, visit),
      )
      // `inNetworkTurn` returns this, or null if too many sign-ins of this network wait.
      return true
    }
    if (!isPasswordSignIn(method, path)) await act()
    else if (!(await inNetworkTurn(visit.address, act))) return tooMany(CROWDED_SECONDS)
    if (visit.failure) throw visit.failure
    if (visit.retryAfterSeconds) return tooMany(visit.retryAfterSeconds)
    if (visit.deviceCookie) reply.addCookie(visit.deviceCookie)
    return reply.toResponse()
  } catch (error) {
    if (isUnforeseen(error)) services.logger.error({ err: error, path }, 'a sign-in request could not be answered')
    return isPasswordSignIn(request.method, path) ? failedSignIn(error, 'NotAnswered') : errorResponse(error)
  }
}

const isPasswordSignIn = (method: string, path: string[]): boolean =>
  method === 'POST' && path.join('/') === 'callback/credentials'

const tooMany = (seconds: number): Response =>
  failedSignIn(
    new EngineError('RATE_LIMITED', `Too many attempts. Try again in ${seconds} s.`, { retryAfterSeconds: seconds }),
    `TooManyAttempts.${seconds}`,
  )

/** An error like any other, with a URL in which next-auth's own client looks for the name of the error. */
const failedSignIn = (error: unknown, name: string): Response =>
  errorResponse(error, {}, { url: new URL(`/sign-in?error=${name}`, getEnv().NEXTAUTH_URL).href })

async function readForm(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? ''
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    return Object.fromEntries(new URLSearchParams(await readText(request, MAX_BODY)))
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  const text = await readText(request, MAX_BODY)
  // Refuses what no JSON may hold here, such as a NUL byte or a name given twice.
  const bytes = new TextEncoder().encode(text)
  new InputScanner([FREE], false).finish(bytes, bytes.length)
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  } catch {
    // The body is not JSON. It is refused below, like any body that is not an object.
  }
  throw new TRPCError({ code: 'BAD_REQUEST' })
}

/**
 * Replaces every callback URL by one of our own pages. next-auth would take another URL for a wrong configuration, and
 * would answer 500 as often as the browser sends it.
 */
function sane(values: Record<string, unknown>): Record<string, unknown> {
  const { origin } = new URL(getEnv().NEXTAUTH_URL)
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      /callback-?url$/i.test(name) ? safeCallback(value, origin) : value,
    ]),
  )
}

/** Cookies with decoded values, which is how Next.js would give them to next-auth. */
function decodeAll(cookies: Record<string, string>): Record<string, string> {
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text)
    } catch {
      return text
    }
  }
  return Object.fromEntries(Object.entries(cookies).map(([name, value]) => [name, decode(value)]))
}

/** The object that next-auth's handler writes to. It has the few methods of a Node response that the handler calls. */
class Reply {
  private code = 200
  private body: string | null = null
  private readonly headers = new Headers({ 'cache-control': 'no-store' })
  private cookies: string[] = []

  status(code: number): this {
    this.code = code
    return this
  }
  getHeader(name: string): string[] | string | null {
    return name.toLowerCase() === 'set-cookie' ? this.cookies : this.headers.get(name)
  }
  setHeader(name: string, value: string | string[]): this {
    if (name.toLowerCase() === 'set-cookie') this.cookies = [value].flat()
    // The URL contains what was requested, decoded. A header may not hold NUL or letters beyond Latin-1.
    else if (name.toLowerCase() === 'location')
      this.headers.set(
        name,
        String(value).replace(/[^\x21-\x7e]+/g, (odd) => encodeURIComponent(odd)),
      )
    else this.headers.set(name, String(value))
    return this
  }
  json(value: unknown): void {
    this.headers.set('content-type', 'application/json')
    this.body = JSON.stringify(value)
  }
  send(value: unknown): void {
    if (typeof value !== 'string') return this.json(value ?? {})
    if (!this.headers.has('content-type')) this.headers.set('content-type', 'text/plain; charset=utf-8')
    this.body = value
  }
  end(): void {}

  addCookie(cookie: string): void {
    this.cookies.push(cookie)
  }
  toResponse(): Response {
    for (const cookie of this.cookies) this.headers.append('set-cookie', cookie)
    return new Response(this.body, { status: this.code, headers: this.headers })
  }
}
