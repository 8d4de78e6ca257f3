#!/usr/bin/env node
// `npm run jobyard -- COMMAND`: administers Jobyard from a terminal, over the API or on the database
// (docs/operate/command-line.md). Where nothing says which Jobyard is meant, it is the `npm start` that runs here.
import '../server/private-files.mjs'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { localEnvironment } from '../launcher/doctor.mjs'
import { inRoot, root } from '../launcher/paths.mjs'
import { readRunFile } from '../launcher/run-file.mjs'
import { fail, Refusal } from '../launcher/say.mjs'
import { loadEnvFile } from '../launcher/settings.mjs'

try {
  // Commands that read or write a file take its path from where the terminal is, and not from the clone.
  process.env.JOBYARD_CALLED_IN = process.env.INIT_CWD ?? process.cwd()
  process.chdir(root)
  loadEnvFile()
  const running = readRunFile()
  const ownDatabase = Boolean(process.env.DATABASE_URL)
  if (running && !process.env.JOBYARD_URL && !ownDatabase)
    Object.assign(process.env, localEnvironment(running.databaseUrl))
  // The address and the key of the `npm start` that runs here have names of their own (cli/connect.ts): its key goes to
  // that address only, and is never used beside a database of one's own. A key that was given without an address goes
  // to that address. What an outer process left under these names does not count.
  delete process.env.JOBYARD_LOCAL_URL
  delete process.env.JOBYARD_LOCAL_KEY
  if (running) {
    process.env.JOBYARD_LOCAL_URL = running.url
    const admin = running.apiKeys.find(({ role }) => role === 'SYSTEM_ADMIN')
    if (admin && !ownDatabase) process.env.JOBYARD_LOCAL_KEY = admin.key
  }
  if (!existsSync(inRoot('dist/jobyard.mjs')))
    throw new Refusal('Jobyard is not built. Run `npm install && npm run build` first.')
  await import(pathToFileURL(inRoot('dist/jobyard.mjs')).href)
} catch (error) {
  fail(error)
}
