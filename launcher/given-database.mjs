import { probePostgres } from './probe-postgres.mjs'
import { readRunFile } from './run-file.mjs'
import { Refusal } from './say.mjs'
import { loadEnvFile, readSettings } from './settings.mjs'

/**
 * The database that a command works on while `npm start` may be running: the one that DATABASE_URL names, or that of
 * the `npm start` that runs from this folder. `reach` makes sure that it answers.
 */
export function givenDatabase() {
  loadEnvFile()
  // In production the settings must hold NEXTAUTH_SECRET, which such a command does not need.
  const settings = readSettings({ ...process.env, NODE_ENV: undefined })
  const running = readRunFile()
  const databaseUrl = settings.databaseUrl ?? running?.databaseUrl
  if (!databaseUrl)
    throw new Refusal('DATABASE_URL is not set, and no `npm start` runs here whose database could be meant.')
  return { databaseUrl, settings, reach: () => probePostgres(databaseUrl) }
}
