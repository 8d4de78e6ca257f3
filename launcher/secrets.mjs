import { randomBytes } from 'node:crypto'
import { inState, readJson, writeAtomically } from './paths.mjs'

/**
 * A secret of a local run. It is made once and kept, so that a restart signs nobody out and services still recognize
 * us.
 * @param {'nextAuthSecret' | 'httpRequestSecret'} name
 */
export function localSecret(name) {
  const file = inState('secrets.json')
  const kept = /** @type {Record<string, string | undefined> | null} */ (readJson(file)) ?? {}
  const secret = kept[name] ?? randomBytes(32).toString('base64url')
  if (secret !== kept[name]) writeAtomically(file, JSON.stringify({ ...kept, [name]: secret }))
  return secret
}
