import { createHash } from 'node:crypto'
import { wordsOf } from './failure-pattern'
import { field, frameLines, nameOf, relativePaths } from './failure-shape'

/**
 * A short hash that the same fault keeps from job to job and from release to release: the error's
 * name and code, its message without what varies (`failure-pattern.ts`), and the function of ours that threw.
 */
export function fingerprintOf(error: unknown, message: string, projectRoot: string | undefined): string {
  const code = field(error, 'code') ?? field(error, 'status') ?? field(error, 'statusCode') ?? ''
  const kind = typeof code === 'string' || typeof code === 'number' ? String(code) : ''
  const parts = [nameOf(error), kind, wordsOf(message), topFrame(error, projectRoot)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/**
 * Function and file of the innermost frame in the project, or '' where there is none. Lines and columns are left out,
 * because they move with every release.
 */
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
