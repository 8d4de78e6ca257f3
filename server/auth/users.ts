import type { Db } from '@/server/db'
import { userOfSession } from '@/server/engine'
import type { Principal } from './principal'
import type { Session } from './session-cookie'

/** How many calls a person may make in a second, over all windows. Several tabs that load at once make some dozens. */
const CALLS_OF_A_PERSON = 200

/** The caller behind a session, or null when the user is gone or disabled, or the session was ended. */
export async function principalOfSession(
  db: Db,
  session: Pick<Session, 'userId' | 'id' | 'epoch'>,
): Promise<Principal | null> {
  const user = await userOfSession(db, session)
  if (!user) return null
  return { ...user, type: 'user', name: user.name ?? user.email, via: 'cookie', callsPerSecond: CALLS_OF_A_PERSON }
}
