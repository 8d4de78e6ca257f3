// `npm run build`: the dashboard into .next/, worker and seed into dist/; skipped where nothing has changed.
import { root } from '../launcher/paths.mjs'
import { buildServer, buildWeb, hashSources } from '../launcher/build.mjs'
import { ensureDependencies } from '../launcher/install.mjs'
import { fail } from '../launcher/say.mjs'

process.chdir(root)
try {
  await ensureDependencies()
  const hash = hashSources()
  await buildServer(hash)
  await buildWeb(hash, process.env)
} catch (error) {
  fail(error)
}
