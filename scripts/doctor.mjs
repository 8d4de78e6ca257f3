// `npm run doctor [-- --part web|worker]`: looks at everything that web and worker processes need before they start,
// and says what to do about what is wrong. It works on what `.env` and the environment name, or on the database of the
// `npm start` that runs here.
import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import { askDoctor, localEnvironment } from '../launcher/doctor.mjs'
import { givenDatabase } from '../launcher/given-database.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'

process.chdir(root)
try {
  const { databaseUrl } = givenDatabase()
  if (!existsSync(inRoot('dist/doctor.mjs')))
    throw new Refusal('Jobyard is not built. Run `npm install && npm run build` first.')
  const local = process.env.DATABASE_URL ? {} : localEnvironment(databaseUrl)
  const healthy = await askDoctor(process.argv.slice(2), { ...process.env, ...local })
  process.exitCode = healthy ? 0 : 1
} catch (error) {
  fail(error)
}
