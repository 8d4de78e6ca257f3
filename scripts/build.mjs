// `npm run build`: builds the dashboard into .next/, and the web server, the worker, your handlers and the other programs
// into dist/. What has not changed is not built again.
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
