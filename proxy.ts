import { NextResponse, type NextRequest } from 'next/server'
import { HSTS } from './server/web/headers.mjs'

/**
 * Gives each page its Content-Security-Policy with a nonce of its own; Next.js puts the nonce on the
 * scripts that it writes. What every answer carries is in server/web/headers.mjs.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
  const secure = isSecure(request)
  const policy = contentSecurityPolicy(nonce, secure, process.env.NODE_ENV === 'development')
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  if (secure) response.headers.set('strict-transport-security', HSTS)
  return response
}

export const config = {
  // Not for the API: a proxy makes Next.js hold each body in memory and cut it at 10 MiB. Its reference is a page.
  // Not for files, which are the same for everybody; what only begins like one is a page that says there is none.
  matcher: [{ source: '/((?!api/|_next/static/|icon\\.svg$).*)' }, { source: '/api/docs' }],
}

/** @param development React's tools there need eval, and the server sends changes over a web socket. */
export function contentSecurityPolicy(nonce: string, secure: boolean, development: boolean): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    // No nonce for styles: charts, toasts and dialogs set style attributes and add <style> elements as
    // they open, and none of these libraries knows a nonce. A style cannot run code.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self'${development ? ' ws:' : ''}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
    ...(secure ? ['upgrade-insecure-requests'] : []),
  ].join('; ')
}

/** Browsers come by TLS: a proxy says so, or the address that they use. */
const isSecure = (request: NextRequest): boolean =>
  process.env.NEXTAUTH_URL?.startsWith('https:') === true ||
  (request.headers.get('x-forwarded-proto') ?? request.nextUrl.protocol).split(',')[0]?.replace(':', '').trim() ===
    'https'
