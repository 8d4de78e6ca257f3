import { createHash } from 'node:crypto'
import { field, frameLines, nameOf, relativePaths } from './failure-shape'

/**
 * A short hash that stays the same for the same error, from job to job and from release to release. It is made of the
 * error's name and code, its message without the parts that vary, and the function of ours that threw it.
 */
export function fingerprintOf(error: unknown, message: string, projectRoot: string | undefined): string {
  const code = field(error, 'code') ?? field(error, 'status') ?? field(error, 'statusCode') ?? ''
  const kind = typeof code === 'string' || typeof code === 'number' ? String(code) : ''
  const parts = [nameOf(error), kind, normalizeMessage(message), topFrame(error, projectRoot)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/**
 * Ids, numbers, dates, quoted names, paths and addresses become placeholders.
 *
 * @example normalizeMessage("Order 17 of 'ACME' not found in /data/a.csv") // "Order # of ‹› not found in ‹path›"
 */
export function normalizeMessage(message: string): string {
  return (
    message
      .slice(0, 1_000)
      // A quote inside a word is an apostrophe ("can't").
      .replace(/(?<!\w)(["'`])(?:(?!\1)[^\n])*\1(?!\w)/g, '‹›')
      .replace(/[“‘«][^”’»\n]*[”’»]/g, '‹›')
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s‹›"'<>)]+/gi, '‹url›')
      .replace(/[^\s@‹›"'<>(]+@[\w-]+(?:\.[\w-]+)+/g, '‹email›')
      .replace(/(?<![\w.])(?:[A-Za-z]:)?(?:\.{0,2}[\\/])[\w.@~+-]+(?:[\\/][\w.@~+-]*)*/g, '‹path›')
      // Everything with a digit in it: numbers, dates, UUIDs, cus_9f8A, 0xff, 10.0.0.1:5432.
      .replace(/[+-]?\b[\w-]*\d[\w-]*(?:[.:,][\w-]*\d[\w-]*)*/g, '#')
      // Hex without a digit is rare; eight and more letters a to f are no word.
      .replace(/\b[a-f]{8,}\b/gi, '#')
      .replace(/#(?:[ ,;:/]*#)+/g, '#')
      .replace(/\s+/g, ' ')
      .trim()
      .toLowerCase()
  )
}

/** Function and file of the innermost frame in the project; lines and columns move with every release. */
function topFrame(error: unknown, projectRoot: string | undefined): string {
  for (const line of frameLines(error)) {
    const place = relativePaths(line, projectRoot)
    if (place.includes('node_modules/') || place.includes('node:')) continue
    const match = /^\s+at (?:async )?(?:(.+?) \()?([^()\s][^()]*?)(?::\d+)*\)?$/.exec(place)
    if (!match || match[2] === '<anonymous>') continue
    // With a known root, an absolute path lies outside of the project.
    if (projectRoot && match[2]!.startsWith('/')) continue
    return `${(match[1] ?? '').replace(/^(?:Object|Module)\./, '')}@${match[2]!.replace(/\?.*$/, '')}`
  }
  return ''
}
