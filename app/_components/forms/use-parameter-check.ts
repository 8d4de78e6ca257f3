'use client'

import { useCallback, useMemo, useState } from 'react'
import type { checkParameters, Problems } from './check-parameters'
import type { Json } from './json'

type Check = typeof checkParameters
const NONE: Problems = {}

/**
 * Checks parameters while somebody fills in the form. The code of the check is large. So it is loaded when the focus
 * first enters the form (`begin`), and at the latest before anything is sent (`checkNow`). If it cannot be loaded, only
 * the server checks.
 */
export function useParameterCheck(schema: unknown, value: Json) {
  const [check, setCheck] = useState<Check | null>(null)
  const load = useCallback(async (): Promise<Check> => {
    const loaded = await import('./check-parameters').then(
      (module) => module.checkParameters,
      () => () => NONE,
    )
    setCheck(() => loaded)
    return loaded
  }, [])
  return {
    problems: useMemo(() => (check ? check(schema, value) : NONE), [check, schema, value]),
    begin: () => void (check ?? load()),
    checkNow: async () => (check ?? (await load()))(schema, value),
  }
}
