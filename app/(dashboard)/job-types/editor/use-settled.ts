import { useEffect, useState } from 'react'

/** A value that has stayed the same for so many milliseconds, for what is asked of the server while somebody types. */
export function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
