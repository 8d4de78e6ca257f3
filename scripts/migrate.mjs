// `npm run db:migrate`: brings the database that DATABASE_URL names up to date.
import { existsSync } from 'node:fs'
import { inRoot, inState, readJson } from './start/paths.mjs'
import { fail, Refusal, say } from './start/say.mjs'
import { loadEnvFile, readSettings } from './start/settings.mjs'
import { probePostgres } from './start/probe-postgres.mjs'

try {
  loadEnvFile()
  const settings = readSettings({ ...process.env, NODE_ENV: undefined })
  const running = /** @type {{ databaseUrl?: string } | null} */ (readJson(inState('run.json')))
  const databaseUrl = settings.databaseUrl ?? running?.databaseUrl
  if (!databaseUrl) throw new Refusal('DATABASE_URL is not set, and no `npm start` runs here whose database could be meant.')
  if (!existsSync(inRoot('node_modules/pg'))) throw new Refusal('The dependencies are not installed. Run `npm install` first.')
  await probePostgres(databaseUrl)
  const { migrate } = await import('./database/migrations.mjs')
  const applied = await migrate(databaseUrl, { bullmq: settings.redisUrl === null })
  say(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.')
} catch (error) {
  fail(error)
}
