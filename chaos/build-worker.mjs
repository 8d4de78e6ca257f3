import path from 'node:path'
import { mkdirSync } from 'node:fs'
import { buildServer, hashSources } from '../launcher/build.mjs'
import { inRoot } from '../launcher/paths.mjs'

const own = inRoot('chaos/handlers/catalog.ts')
const product = inRoot('worker/handlers/catalog.ts')

/** Whoever asks for the product's catalog gets the one with the chaos handlers, except that one itself. @type {import('esbuild').Plugin} */
const withChaosHandlers = {
  name: 'chaos-handlers',
  setup({ onResolve }) {
    onResolve({ filter: /handlers\/catalog(\.ts)?$/ }, ({ importer }) => ({
      path: path.resolve(importer) === own ? product : own,
    }))
  },
}

/**
 * Bundles the product's worker with handlers that tell what they do.
 * @returns {Promise<string>} the folder with worker.mjs
 */
export async function buildChaosWorker() {
  const folder = inRoot('.local/chaos/dist')
  mkdirSync(folder, { recursive: true })
  await buildServer(`${hashSources()} ${process.hrtime.bigint()}`, folder, [withChaosHandlers])
  return folder
}
