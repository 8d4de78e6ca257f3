import { mkdirSync } from 'node:fs'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { buildHandlers } from '../launcher/handlers.mjs'
import { inRoot } from '../launcher/paths.mjs'
import { Refusal } from '../launcher/say.mjs'

/**
 * Bundles the product's worker, with the handlers of chaos/handlers/ beside it, as those of somebody's own lie there.
 * They tell what they do.
 * @returns {Promise<string>} the folder with worker.mjs
 */
export async function buildChaosWorker() {
  const folder = inRoot('.local/chaos/dist')
  mkdirSync(folder, { recursive: true })
  // The hash differs each time, so all is built anew and nothing of an earlier campaign is left in the folder.
  await buildServer(`${hashSources()} ${process.hrtime.bigint()}`, folder)
  const { problems } = await buildHandlers(folder, { folder: inRoot('chaos/handlers') })
  if (problems.length > 0) throw new Refusal('The handlers of the campaign do not build; see above.')
  return folder
}
