// `npm run build`: the dashboard into .next/, worker and seed into dist/; skipped where nothing has changed.
import { root } from './start/paths.mjs'
import { buildServer, buildWeb, hashSources } from './start/build.mjs'
import { ensureDependencies } from './start/install.mjs'
import { fail } from './start/say.mjs'

process.chdir(root)
try {
  await ensureDependencies()
  const hash = hashSources()
  await buildServer(hash)
  await buildWeb(hash, process.env)
} catch (error) {
  fail(error)
}
