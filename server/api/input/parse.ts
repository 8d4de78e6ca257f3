import { createBreath } from '@/server/engine/domain/breath'
import { unreadable } from './faults'
import type { Cut } from './scanner'

/**
 * The value of a text that the scanner accepted. A cut is a large free JSON value in it, such as a job's parameters. The
 * text is parsed first with a placeholder for each cut, then each cut by itself, so that 16 MiB are never parsed in one go.
 *
 * @throws EngineError where it is not JSON or not UTF-8
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
    if (keys.length === 0) return value
    let parent = root as Record<string | number, unknown>
    for (const key of keys.slice(0, -1)) parent = parent[key] as typeof parent
    parent[keys.at(-1)!] = value
  }
  return root
}

/** Bytes that are not UTF-8 are refused as unreadable. They are not replaced by question marks. */
function decode(bytes: Uint8Array): string {
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
