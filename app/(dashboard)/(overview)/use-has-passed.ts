import { useEffect, useState } from 'react'

/** True once `ms` milliseconds have passed since the component was shown. With null, the time has not begun. */
export function useHasPassed(ms: number | null): boolean {
  const [hasPassed, setHasPassed] = useState(false)
  useEffect(() => {
    if (ms === null) return
    const timer = setTimeout(() => setHasPassed(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return hasPassed
}
