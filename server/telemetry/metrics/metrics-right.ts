import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether a request may read the metrics. `hidden`: there are none here, because no token is set. */
export type MetricsRight = 'granted' | 'refused' | 'hidden'

/**
 * Decides whether a request may read the metrics.
 * @param token METRICS_TOKEN
 * @param authorization the header of the request, which has to be `Bearer <METRICS_TOKEN>`
 */
export function metricsRight(token: string | undefined, authorization: string | null | undefined): MetricsRight {
  if (!token) return 'hidden'
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token)) ? 'granted' : 'refused'
}

/** Digests have one length, so comparing them tells nothing about the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
