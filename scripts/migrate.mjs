// `npm run db:migrate`: brings the database that DATABASE_URL names up to date.
import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import { givenDatabase } from '../launcher/given-database.mjs'
import { inRoot } from '../launcher/paths.mjs'
import { fail, Refusal, say } from '../launcher/say.mjs'

try {
  const { databaseUrl, settings, reach } = givenDatabase()
  if (!existsSync(inRoot('node_modules/pg')))
    throw new Refusal('The dependencies are not installed. Run `npm install` first.')
  await reach()
  const { migrate } = await import('../launcher/migrations.mjs')
  const applied = await migrate(databaseUrl, { bullmq: settings.redisUrl === null })
  say(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.')
} catch (error) {
  fail(error)
}
