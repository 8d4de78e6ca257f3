/** `offline`: the browser has no network. `lost`: it has, but the server does not answer. */
export type Connection = 'ok' | 'offline' | 'lost'

/** How long to wait before each attempt to reach the server. The last one is repeated. */
const WAITS_MS = [500, 1000, 2000, 4000]

/** What watching the connection needs of the tab that it is in. */
export interface Surroundings {
  online: () => boolean
  /** Resolves to true where the server has answered. */
  reach: () => Promise<boolean>
  onChange: (connection: Connection) => void
}

/**
 * Knows whether the server can be reached. When somebody says that a call got no answer, it tries itself, until there is
 * one. One call that fails while others are answered is no lost connection. While all is well it asks nothing.
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
    /** The browser says that its network came or went, or somebody looks at the page again. */
    look() {
      if (asking && online()) void tryNow()
      else if (!online()) ask()
    },
  }
}
