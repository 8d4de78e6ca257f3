/**
 * The state of the connection. `offline`: the browser has no network. `lost`: it has network, but the server does not
 * answer.
 */
export type Connection = 'ok' | 'offline' | 'lost'

/** How long to wait before each attempt to reach the server. The last one is repeated. */
const WAITS_MS = [500, 1000, 2000, 4000]

/** What this file needs from the browser tab. */
export interface Surroundings {
  online: () => boolean
  /** Resolves to true when the server has answered. */
  reach: () => Promise<boolean>
  onChange: (connection: Connection) => void
}

/**
 * Knows whether the server can be reached. After a report that a call got no answer, it asks the server again and again
 * until there is an answer. One failed call while others are answered does not count as a lost connection. While all is
 * well, it asks nothing.
 */
export function watchConnection({ online, reach, onChange }: Surroundings) {
  let state: Connection = 'ok'
  let asking = false
  let tries = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function set(next: Connection) {
    if (next === state) return
    state = next
    onChange(next)
  }
  function tryLater() {
    clearTimeout(timer)
    timer = setTimeout(() => void tryNow(), WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)])
  }
  async function tryNow() {
    clearTimeout(timer)
    const answered = await reach()
    if (!asking) return
    if (!answered) {
      set(online() ? 'lost' : 'offline')
      tryLater()
      return
    }
    asking = false
    tries = 0
    clearTimeout(timer)
    set('ok')
  }
  function ask() {
    if (!online()) set('offline')
    if (asking) return
    asking = true
    tryLater()
  }

  return {
    /** A call got no answer, or the stream of events broke. */
    lost: ask,
    /** The network of the browser came or went, or somebody looks at the page again. */
    look() {
      if (asking && online()) void tryNow()
      else if (!online()) ask()
    },
  }
}
