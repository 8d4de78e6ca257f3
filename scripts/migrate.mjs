// `npm run db:migrate [-- --seed] [--wait] [--force]`: brings the database that DATABASE_URL names up to date, or that
// of the `npm start` that runs here. With --seed it also adds the job types that are missing, and with --wait it waits
// for a server that is not up yet. With --force it takes something away from the schema even while processes of the
// former release run.
import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import { isFit } from '../launcher/doctor.mjs'
import { givenDatabase } from '../launcher/given-database.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal, say } from '../launcher/say.mjs'
import { seed } from '../launcher/seed.mjs'

process.chdir(root)
try {
  const [withSeed, wait, force] = ['--seed', '--wait', '--force'].map((name) => process.argv.includes(name))
  const { databaseUrl, settings, reach } = givenDatabase()
  if (!existsSync(inRoot('node_modules/pg')))
    throw new Refusal('The dependencies are not installed. Run `npm install` first.')
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  const built = ['doctor', 'seed'].every((name) => existsSync(inRoot(`dist/${name}.mjs`)))
  if ((withSeed || wait) && !built)
    throw new Refusal('Jobyard is not built, which --seed and --wait need. Run `npm install && npm run build` first.')
  if (!wait) await reach()
  // The doctor is built, and a clone may be migrated before it is.
  if (built && !(await isFit(['--part', 'migrate', ...(wait ? ['--wait'] : [])], env))) process.exit(1)
  const { migrate } = await import('../launcher/migrations.mjs')
  const applied = await migrate(databaseUrl, { bullmq: settings.redisUrl === null, force })
  say(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.')
  if (withSeed) await seed(env)
} catch (error) {
  fail(error)
}
