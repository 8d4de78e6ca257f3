// `npm run admin -- you@example.com ["Your Name"] [--key]`: the first account of a database of your own,
// in the database that DATABASE_URL names, or in that of the `npm start` that runs here.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { inRoot, inState, readJson, root } from './start/paths.mjs'
import { fail, Refusal } from './start/say.mjs'
import { loadEnvFile, readSettings } from './start/settings.mjs'
import { probePostgres } from './start/probe-postgres.mjs'

process.chdir(root)
try {
  loadEnvFile()
  const settings = readSettings({ ...process.env, NODE_ENV: undefined })
  const running = /** @type {{ databaseUrl?: string } | null} */ (readJson(inState('run.json')))
  const databaseUrl = settings.databaseUrl ?? running?.databaseUrl
  if (!databaseUrl) throw new Refusal('DATABASE_URL is not set, and no `npm start` runs here whose database could be meant.')
  if (!existsSync(inRoot('dist/admin.mjs'))) throw new Refusal('Jobyard is not built. Run `npm install && npm run build` first.')
  await probePostgres(databaseUrl)
  const { status } = spawnSync(process.execPath, [inRoot('dist/admin.mjs'), ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, DATABASE_URL: databaseUrl } })
  process.exitCode = status ?? 1
} catch (error) {
  fail(error)
}
