#!/usr/bin/env node
// `npm run jobyard -- COMMAND`: administers Jobyard from a terminal, over the API or on the database (docs/operate/command-line.md).
// Where nothing says which Jobyard is meant, it is the `npm start` that runs here.
import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { localEnvironment } from '../launcher/doctor.mjs'
import { inRoot, inState, readJson, root } from '../launcher/paths.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { loadEnvFile } from '../launcher/settings.mjs'

try {
  // Paths of files are those of the terminal.
  process.env.JOBYARD_CALLED_IN = process.env.INIT_CWD ?? process.cwd()
  process.chdir(root)
  loadEnvFile()
  if (!process.env.JOBYARD_URL && !process.env.DATABASE_URL) {
    /** @type {import('../launcher/run-file.mjs').Run | null} */
    const running = readJson(inState('run.json'))
    const admin = running?.apiKeys.find(({ role }) => role === 'SYSTEM_ADMIN')
    if (running) Object.assign(process.env, localEnvironment(running.databaseUrl))
    if (running && admin && !process.env.JOBYARD_API_KEY)
      Object.assign(process.env, { JOBYARD_URL: running.url, JOBYARD_API_KEY: admin.key })
  }
  if (!existsSync(inRoot('dist/jobyard.mjs')))
    throw new Refusal('Jobyard is not built. Run `npm install && npm run build` first.')
  await import(pathToFileURL(inRoot('dist/jobyard.mjs')).href)
} catch (error) {
  fail(error)
}
