import { TRPCError } from '@trpc/server'
import type { NextApiRequest, NextApiResponse } from 'next'
import NextAuth from 'next-auth'
import { safeCallback } from '@/server/auth/callback-url'
import { authOptions, type Visit } from '@/server/auth/next-auth'
import { readCookies } from '@/server/auth/session-cookie'
import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'
import { clientAddress } from './address'
import { readText } from './body'
import { errorResponse, isUnforeseen, shapeError } from './errors'
import { refuseForeignOrigin } from './origin'
import type { Services } from './services'

/** What next-auth is asked for here; its own pages, its log and its session updates are not. */
const ACTIONS: Record<string, RegExp> = {
  GET: /^(?:csrf|session|providers|error|signin|signout|callback\/oidc)$/,
  POST: /^(?:signin\/(?:credentials|oidc)|callback\/credentials|signout)$/,
}
/** An address, a password and a token. */
const MAX_BODY = 16 * 1024

/**
 * Answers what lies under /api/auth: next-auth signs in and out, and around it stands what it leaves to
 * others: foreign origins, large bodies, too many attempts (429), and errors without their insides.
 */
export async function handleAuth(request: Request, path: string[], services: Services): Promise<Response> {
  try {
    const { method, headers } = request
    if (method !== 'GET' && method !== 'POST')
      return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }), { allow: 'GET, POST' })
    if (!ACTIONS[method]?.test(path.join('/')))
      throw new EngineError('NOT_FOUND', 'There is nothing of this name in the API.')
    // Also before there is a session: a foreign page must not sign anybody in as somebody else.
    if (method === 'POST') refuseForeignOrigin({ via: 'cookie' }, headers)
    const visit: Visit = { headers, address: clientAddress(headers) }
    const reply = new Reply()
    // In the form that next-auth has for what is no route handler: it needs no Next.js around it, so tests call it too.
    await NextAuth(
      {
        method,
        // Of a POST only the body counts: what stands in its address would become part of the provider's.
        query: { ...(method === 'GET' && sane(Object.fromEntries(new URL(request.url).searchParams))), nextauth: path },
        headers: Object.fromEntries(headers),
        cookies: sane(decodeAll(readCookies(headers.get('cookie') ?? ''))),
        body: method === 'POST' ? sane(await readForm(request)) : undefined,
      } as unknown as NextApiRequest,
      reply as unknown as NextApiResponse,
      authOptions(services.db, services.logger, visit),
    )
    if (visit.retryAfterSeconds) return tooMany(visit.retryAfterSeconds)
    if (visit.deviceCookie) reply.addCookie(visit.deviceCookie)
    return reply.toResponse()
  } catch (error) {
    if (isUnforeseen(error)) services.logger.error({ err: error, path }, 'a sign-in request could not be answered')
    return errorResponse(error)
  }
}

/** Like every refusal, and with the address in which next-auth's own client looks for the error. */
function tooMany(seconds: number): Response {
  const error = shapeError(
    new EngineError('RATE_LIMITED', `Too many attempts. Try again in ${seconds} s.`, { retryAfterSeconds: seconds }),
  )
  const url = new URL(`/sign-in?error=TooManyAttempts.${seconds}`, getEnv().NEXTAUTH_URL).href
  return Response.json(
    { error, url },
    { status: error.data.httpStatus, headers: { 'retry-after': String(seconds), 'cache-control': 'no-store' } },
  )
}

async function readForm(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? ''
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    return Object.fromEntries(new URLSearchParams(await readText(request, MAX_BODY)))
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  const text = await readText(request, MAX_BODY)
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  } catch {
    // Refused below like any other body that is no object.
  }
  throw new TRPCError({ code: 'BAD_REQUEST' })
}

/**
 * With every callback address as a page of ours, whoever sent it and in whatever form: next-auth would call
 * one that is none our misconfiguration, and answer 500, as often as the browser brings it along.
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

/** What next-auth's handler writes to: the few methods of a Node response that it calls. */
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
    // An address repeats what was asked for as it was decoded; a header takes no NUL and no letter beyond Latin-1.
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
