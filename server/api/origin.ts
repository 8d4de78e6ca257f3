import type { Principal } from '@/server/auth/principal'
import { EngineError } from '@/server/engine'
import { getEnv } from '@/server/env'

/**
 * A cookie travels with requests that a foreign page makes; its mutations must come from our own.
 * Programs that send the cookie themselves send no Origin, browsers always do.
 */
export function refuseForeignOrigin(principal: Pick<Principal, 'via'>, headers: Headers): void {
  if (principal.via !== 'cookie') return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  const own = origin === null ? site === null || site === 'same-origin' || site === 'none' : isOwn(origin, headers.get('host'))
  if (!own) throw new EngineError('NOT_PERMITTED', 'This request comes from another site. Open Jobyard itself and try again.')
}

function isOwn(origin: string, host: string | null): boolean {
  if (origin === new URL(getEnv().NEXTAUTH_URL).origin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
