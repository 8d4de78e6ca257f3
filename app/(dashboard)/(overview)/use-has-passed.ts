import { useEffect, useState } from 'react'

/** True once so many milliseconds have passed since the component was there. Null waits for the time to begin. */
export function useHasPassed(ms: number | null): boolean {
  const [hasPassed, setHasPassed] = useState(false)
  useEffect(() => {
    if (ms === null) return
    const timer = setTimeout(() => setHasPassed(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return hasPassed
}
