import { createHmac, hkdfSync } from 'node:crypto'

/**
 * The secret that Jobyard shares with the services of one origin (`https://billing.example.com`). Each has
 * its own, derived from HTTP_REQUEST_SECRET: anybody who may submit a job has Jobyard sign a request to a
 * server of his, which must be worth nothing to another service. `npm run http-secret` prints it.
 */
export const secretOf = (secret: string, origin: string): string =>
  `jy_sign_${Buffer.from(hkdfSync('sha256', secret, '', `jobyard http.request ${origin}`, 32)).toString('base64url')}`

/**
 * `Jobyard-Signature`: HMAC-SHA256 over time, the `Jobyard-Job` header and the body, a line each. The header
 * cannot hold a line break, so nothing can be moved from one to the other.
 *
 * @param seconds since 1970; the service refuses what is older than some minutes.
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
