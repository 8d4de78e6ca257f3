import type { PageView } from './page-view'

/** A page that a test hides and shows. */
export function somePage(): PageView & { set: (hidden: boolean) => void } {
  const listeners = new Set<() => void>()
  let hidden = false
  return {
    get hidden() {
      return hidden
    },
    onChange: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
    set(next) {
      hidden = next
      for (const listener of [...listeners]) listener()
    },
  }
}
