// `npm run build`: the dashboard into .next/, worker and seed your handlers and seed into dist/; skipped where nothing
// has changed.
import { inRoot, root } from '../launcher/paths.mjs'
import { buildServer, buildWeb, hashSources } from '../launcher/build.mjs'
import { prepareHandlers } from '../launcher/handlers.mjs'
import { ensureDependencies } from '../launcher/install.mjs'
import { fail } from '../launcher/say.mjs'

process.chdir(root)
try {
  await ensureDependencies()
  const hash = hashSources()
  await buildServer(hash)
  await prepareHandlers(inRoot('dist'))
  await buildWeb(hash, process.env)
} catch (error) {
  fail(error)
}
