import { randomBytes } from 'node:crypto'
import { inState, readJson, writeAtomically } from './paths.mjs'

/** The session secret of a local run: made once and kept, so that a restart signs nobody out. */
export function localSecret() {
  const file = inState('secrets.json')
  const kept = /** @type {{ nextAuthSecret?: string } | null} */ (readJson(file))
  if (kept?.nextAuthSecret) return kept.nextAuthSecret
  const nextAuthSecret = randomBytes(32).toString('base64url')
  writeAtomically(file, JSON.stringify({ nextAuthSecret }))
  return nextAuthSecret
}
