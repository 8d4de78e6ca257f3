/** Decides which tabs of the browser may hold an open stream. */
export interface StreamSlots {
  /**
   * Asks for a slot. `onGiven` is called once there is one, and `onNone` once if all are taken at the moment.
   * @returns a function that gives the slot back, or stops waiting for it
   */
  ask: (onGiven: () => void, onNone: () => void) => () => void
  /** Calls back when another tab waits for a slot. The returned function ends this. */
  onWanted: (listener: () => void) => () => void
}

/**
 * How many tabs may hold a stream at the same time. A browser has six connections to an HTTP/1.1 server, for all its
 * tabs together. If every tab held one for its events, the seventh tab could not even load. So four are for streams,
 * and two are left for calls.
 */
const SLOTS = 4
/** A tab without a slot looks for one at this interval. */
const ASK_AGAIN_MS = 1_000
/** Of the locks, and of the channel by which tabs say that they want a slot. */
const NAME = 'jobyard-events'

type Locks = Pick<LockManager, 'request'>
type Channel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>

/** Uses locks of the browser as slots. The browser frees the locks of a closed tab, even if the tab crashed. */
export function lockedSlots(locks: Locks, channel: Channel): StreamSlots {
  /**
   * Resolves with a function that frees the lock, or with null if another tab has it. The browser holds a lock until
   * the promise that `held` returns is resolved.
   */
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
        for (let n = 0; n < SLOTS && !free && !over; n++) free = await take(n)
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

/** A browser has locks only on secure pages. Without locks, every tab has its stream. */
const unlimited: StreamSlots = {
  ask(onGiven) {
    onGiven()
    return () => {}
  },
  onWanted: () => () => {},
}

export const slotsOfBrowser = (): StreamSlots =>
  // The server draws pages, too, and has no tabs.
  typeof document !== 'undefined' && 'locks' in navigator && typeof BroadcastChannel !== 'undefined'
    ? lockedSlots(navigator.locks, new BroadcastChannel(NAME))
    : unlimited
