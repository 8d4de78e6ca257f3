import { useState } from 'react'
import { sameJson, type Json } from './json'

/**
 * The values that a field had since it was drawn and that are none of its choices, the last one first. A value of another
 * version of the schema can be one. They are remembered, so that somebody who takes one away can have it back.
 */
export function useStrange(values: readonly Json[], choices: readonly Json[]): readonly Json[] {
  const [strange, setStrange] = useState<readonly Json[]>([])
  const isIn = (list: readonly Json[], value: Json) => list.some((one) => sameJson(one, value))
  const unseen = values.filter(
    (value, i) => !isIn(choices, value) && !isIn(strange, value) && !isIn(values.slice(0, i), value),
  )
  if (unseen.length > 0) setStrange([...unseen, ...strange])
  return strange
}
