// Headers that are the same for every request. Pages also get a Content-Security-Policy with a nonce of their own
// (proxy.ts), and artifacts a stricter one (server/api/artifact.ts).

/** The headers of every answer. */
export const EVERYWHERE = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
}

/** Answers of the API are data, so nothing in them may run. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** Sent behind TLS only, because browsers must ignore it over plain http. */
export const HSTS = 'max-age=31536000; includeSubDomains'
