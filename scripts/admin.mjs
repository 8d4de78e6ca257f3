// `npm run admin -- you@example.com ["Your Name"] [--key]`: the first account of a database of your own. With
// `--new-password` it gives an account another password, for somebody who has forgotten theirs. Both work in the
// database that DATABASE_URL names, or in that of the `npm start` that runs here.
import '../server/private-files.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { givenDatabase } from '../launcher/given-database.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'

process.chdir(root)
try {
  const { databaseUrl, reach } = givenDatabase()
  if (!existsSync(inRoot('dist/admin.mjs')))
    throw new Refusal('Jobyard is not built. Run `npm install && npm run build` first.')
  await reach()
  const { status } = spawnSync(process.execPath, [inRoot('dist/admin.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: databaseUrl },
  })
  process.exitCode = status ?? 1
} catch (error) {
  fail(error)
}
