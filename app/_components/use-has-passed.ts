import { useEffect, useState } from 'react'

/**
 * Milliseconds. A part of a page is hidden for this long at most, while it is not known how high the parts above it are.
 */
export const LONGEST_HIDDEN_MS = 1_500

/**
 * True once `ms` milliseconds have passed since the component was shown. With null, the time has not begun.
 *
 * @param of what the time belongs to, such as the organization that the page shows. Another one begins it anew
 */
export function useHasPassed(ms: number | null, of?: string): boolean {
  const [passed, setPassed] = useState<{ of: string | undefined } | null>(null)
  useEffect(() => {
    if (ms === null) return
    const timer = setTimeout(() => setPassed({ of }), ms)
    return () => clearTimeout(timer)
  }, [ms, of])
  return passed !== null && passed.of === of
}
