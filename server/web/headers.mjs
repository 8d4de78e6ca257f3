// Headers that do not change from one request to the next. Pages also get a Content-Security-Policy with a nonce
// of their own (proxy.ts), and artifacts seal themselves more tightly (server/api/artifact.ts).

/** What every answer carries. */
export const EVERYWHERE = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
}

/** Answers of the API are data. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** Behind TLS only: a browser that was told so over plain http would have to ignore it anyway. */
export const HSTS = 'max-age=31536000; includeSubDomains'
