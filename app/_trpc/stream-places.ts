/** Who may hold an open stream, among all tabs of the browser. */
export interface StreamPlaces {
  /**
   * Asks for a place. `onGiven` is called once there is one, `onNone` once where all are taken for now.
   * @returns what gives the place back, or stops waiting for it
   */
  ask: (onGiven: () => void, onNone: () => void) => () => void
  /** Calls back when another tab waits for a place. Returns what ends it. */
  onWanted: (listener: () => void) => () => void
}

/**
 * A browser has six connections to an HTTP/1.1 server, over all its tabs. If every tab held one for its events, the
 * seventh tab could not even load. So streams take four of them, and two are left for calls.
 */
const PLACES = 4
const ASK_AGAIN_MS = 1_000
const NAME = 'jobyard-events'

type Locks = Pick<LockManager, 'request'>
type Channel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>

/** Places are locks, because the browser frees those of a tab that is gone, however it went. */
export function lockedPlaces(locks: Locks, channel: Channel): StreamPlaces {
  /** Resolves with what frees the lock, or null where another tab has it. */
  const take = (n: number) =>
    new Promise<(() => void) | null>((resolve) => {
      const held = (lock: Lock | null) =>
        lock ? new Promise<void>((free) => resolve(free)) : Promise.resolve(resolve(null))
      locks.request(`${NAME}-${n}`, { ifAvailable: true }, held).catch(() => resolve(null))
    })

  return {
    ask(onGiven, onNone) {
      let over = false
      let told = false
      let free: (() => void) | null = null
      let timer: ReturnType<typeof setTimeout> | undefined
      const look = async () => {
        for (let n = 0; n < PLACES && !free && !over; n++) free = await take(n)
        if (over) return free?.()
        if (free) return onGiven()
        channel.postMessage('wanted')
        timer = setTimeout(() => void look(), ASK_AGAIN_MS)
        if (!told) onNone()
        told = true
      }
      void look()
      return () => {
        over = true
        clearTimeout(timer)
        free?.()
      }
    },
    onWanted(listener) {
      channel.addEventListener('message', listener)
      return () => channel.removeEventListener('message', listener)
    },
  }
}

/** Where the browser has no locks (it gives them to secure pages only), every tab has its stream. */
const unlimited: StreamPlaces = {
  ask(onGiven) {
    onGiven()
    return () => {}
  },
  onWanted: () => () => {},
}

export const placesOfBrowser = (): StreamPlaces =>
  // The server draws pages, too, and has no tabs.
  typeof document !== 'undefined' && 'locks' in navigator && typeof BroadcastChannel !== 'undefined'
    ? lockedPlaces(navigator.locks, new BroadcastChannel(NAME))
    : unlimited
