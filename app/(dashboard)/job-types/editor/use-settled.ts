import { useEffect, useMemo, useState } from 'react'

/**
 * A value after it has stayed the same for `ms` milliseconds. It is used for questions to the server while somebody
 * types. The value must be one that JSON can hold. It is compared by its text, because many callers make a new object
 * for the same value each time they are drawn.
 */
export function useSettled<Value>(value: Value, ms: number): Value {
  const text = JSON.stringify(value)
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms)
    return () => clearTimeout(timer)
  }, [text, ms])
  return useMemo(() => JSON.parse(settled) as Value, [settled])
}
