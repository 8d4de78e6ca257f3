import { useEffect, useState } from 'react'

/**
 * A value after it has stayed the same for `ms` milliseconds. It is used for questions to the server while somebody
 * types.
 */
export function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
