import { createBreath } from '@/server/engine/domain/breath'
import { unreadable } from './faults'
import type { Cut } from './scanner'

/**
 * Parses a text that the scanner has accepted. A cut is a large free JSON value in it, such as a job's parameters. The
 * text is first parsed with a placeholder for each cut. Then each cut is parsed separately, so that 16 MiB of parameters
 * are never parsed in one step.
 *
 * @throws EngineError if the text is not JSON or not UTF-8
 */
export async function parseInput(bytes: Uint8Array, cuts: readonly Cut[]): Promise<unknown> {
  const breath = createBreath()
  let text = ''
  let at = 0
  for (const { from, to, instead } of cuts) {
    text += decode(bytes.subarray(at, from)) + instead
    at = to
  }
  const root = parse(text + decode(bytes.subarray(at)))
  for (const { from, to, keys, wanted } of cuts) {
    if (!wanted) continue
    await breath()
    const value = parse(decode(bytes.subarray(from, to)))
    // The whole text is this value.
    if (keys.length === 0) return value
    let parent = root as Record<string | number, unknown>
    for (const key of keys.slice(0, -1)) parent = parent[key] as typeof parent
    parent[keys.at(-1)!] = value
  }
  return root
}

/**
 * Decodes UTF-8. Other bytes are not replaced by other characters.
 * @throws EngineError where there are other bytes: the body cannot be read
 */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw unreadable()
  }
}
