import type { Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'

/**
 * Refuses a mutation with a cookie that does not come from one of our own pages, because a browser also sends the
 * cookie with requests of foreign pages.
 *
 * Browsers name the page's origin in `Origin`. Old ones leave it out for some requests, and then `Sec-Fetch-Site` tells
 * whether the page is ours. A request with neither header comes from a program that holds the cookie itself. Such a
 * program was not tricked by a foreign page, so its request passes.
 *
 * @throws EngineError NOT_PERMITTED for a request of a foreign page
 */
export function refuseForeignOrigin(principal: Pick<Principal, 'via'>, headers: Headers): void {
  if (principal.via !== 'cookie') return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  const isOurs =
    origin === null
      ? site === null || site === 'same-origin' || site === 'none'
      : isOurOrigin(origin, headers.get('host'))
  if (!isOurs)
    throw new EngineError('NOT_PERMITTED', 'This request comes from another site. Open Jobyard itself and try again.')
}

function isOurOrigin(origin: string, host: string | null): boolean {
  const configured = new URL(getEnv().NEXTAUTH_URL)
  if (origin === configured.origin) return true
  if (!URL.canParse(origin)) return false
  // The server may be reached under another name. A page is ours if the browser sends the request to the host that the
  // page came from. It is not ours over http while we use https, because anybody on the way could have written that
  // page.
  const { protocol, host: named } = new URL(origin)
  return named === host && (protocol === 'https:' || protocol === configured.protocol)
}
