import type { Db } from '@/server/db'
import { EngineError } from '@/server/engine/domain/errors'
import { refresh } from './authenticate'
import type { Principal } from './principal'

/** How often the callers of open streams are read again. */
const EVERY_MS = 2_000
/** A caller that was not read successfully for this long loses its streams. With a tick, that is within 5 s. */
const OVERDUE_MS = 4_500
/** How often it is looked whether one of the two is due. */
const TICK_MS = 500
/** How many callers are read at once. With a thousand callers, connections must remain for everybody else. */
const AT_ONCE = 4

/** Watches the callers of open streams. A caller that loses the right to a stream loses the stream within 5 s. */
export interface Standing {
  /**
   * Watches the caller of one stream. `requireStill` throws an EngineError when the caller may no longer see the
   * stream. `lost` fires with that error, with UNAUTHENTICATED when the credentials are no longer valid, or with
   * UNAVAILABLE when they cannot be checked. Call `release` at the end.
   */
  follow(headers: Headers, requireStill: (now: Principal) => void): { lost: AbortSignal; release: () => void }
}

interface Follower {
  requireStill: (now: Principal) => void
  controller: AbortController
}

/** One set of credentials. However many streams it has open, it is read once for all of them. */
interface Caller {
  headers: Headers
  followers: Set<Follower>
  /** When the last read began that found everything in order. */
  confirmedAt: number
}

export function createStanding(db: Db): Standing {
  const callers = new Map<string, Caller>()
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let roundAt = -Infinity

  function tick(): void {
    for (const caller of callers.values()) {
      if (performance.now() - caller.confirmedAt > OVERDUE_MS)
        dismiss(caller, new EngineError('UNAVAILABLE', 'Your access could not be checked. Try again in a moment.'))
    }
    if (round || performance.now() - roundAt < EVERY_MS) return
    roundAt = performance.now()
    const waiting = [...callers.values()]
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await check(next)
    }
    round = Promise.all(Array.from({ length: AT_ONCE }, work)).then(() => {
      round = undefined
    })
  }

  async function check(caller: Caller): Promise<void> {
    const began = performance.now()
    let now: Principal | null
    try {
      now = await refresh(caller.headers, db)
    } catch {
      // The caller could not be read. The next round tries again. A caller that cannot be read for too long loses its
      // streams.
      return
    }
    if (!now)
      return dismiss(
        caller,
        new EngineError(
          'UNAUTHENTICATED',
          'You are signed out, or your API key has expired or was revoked. Sign in again, or use another key.',
        ),
      )
    caller.confirmedAt = began
    for (const follower of caller.followers) {
      try {
        follower.requireStill(now)
      } catch (error) {
        follower.controller.abort(error)
      }
    }
  }

  function dismiss(caller: Caller, error: EngineError): void {
    for (const { controller } of caller.followers) controller.abort(error)
  }

  return {
    follow(headers, requireStill) {
      const key = headers.get('authorization') ?? `cookie ${headers.get('cookie')}`
      const caller: Caller = callers.get(key) ?? { headers, followers: new Set(), confirmedAt: performance.now() }
      const follower: Follower = { requireStill, controller: new AbortController() }
      caller.followers.add(follower)
      callers.set(key, caller)
      timer ??= setInterval(tick, TICK_MS).unref()
      return {
        lost: follower.controller.signal,
        release: () => {
          caller.followers.delete(follower)
          if (caller.followers.size > 0 || callers.get(key) !== caller) return
          callers.delete(key)
          if (callers.size > 0) return
          clearInterval(timer)
          timer = undefined
        },
      }
    },
  }
}
