import { createHmac, hkdfSync } from 'node:crypto'

/**
 * The secret that Jobyard shares with the services of one origin (`https://billing.example.com`). It is derived from
 * HTTP_REQUEST_SECRET, and each origin has a secret of its own. Anybody who may submit a job can make Jobyard sign a
 * request to a server of their own. That signature must be useless at any other service. `npm run http-secret` prints
 * the secret.
 */
export const secretOfOrigin = (masterSecret: string, origin: string): string =>
  `jy_sign_${Buffer.from(hkdfSync('sha256', masterSecret, '', `jobyard http.request ${origin}`, 32)).toString('base64url')}`

/**
 * The header `Jobyard-Signature`: HMAC-SHA256 over time, the `Jobyard-Job` header and the body, one line each. The
 * header cannot contain a line break, so nothing can be moved from one line to another.
 *
 * @param job the `Jobyard-Job` header; for the message of an alert its `Jobyard-Alert` header
 * @param seconds since 1970. The service refuses requests that are older than some minutes
 */
export function sign({
  secret,
  seconds,
  job,
  body,
}: {
  secret: string
  seconds: number
  job: string
  body: string
}): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}\n${job}\n${body}`).digest('hex')}`
}
