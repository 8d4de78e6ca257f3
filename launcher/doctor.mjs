import { spawn } from 'node:child_process'
import { inRoot, inState, root } from './paths.mjs'
import { localSecret } from './secrets.mjs'

/**
 * What `npm start` gives its processes, where the database is its own and the environment does not say otherwise. Only
 * NEXTAUTH_URL differs: it has to be there, and nobody calls it.
 * @param {string} databaseUrl
 * @returns {Record<string, string>}
 */
export const localEnvironment = (databaseUrl) => ({
  DATABASE_URL: databaseUrl,
  NEXTAUTH_URL: process.env.NEXTAUTH_URL ?? 'http://localhost',
  NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET ?? localSecret('nextAuthSecret'),
  HTTP_REQUEST_SECRET: process.env.HTTP_REQUEST_SECRET ?? localSecret('httpRequestSecret'),
  STORAGE_DIR: process.env.STORAGE_DIR ?? inState('storage'),
})

/**
 * Asks the built doctor whether a process can start here: versions, migrations, clock, secrets, store, storage. It
 * prints what is wrong.
 * @param {string[]} options of `dist/doctor.mjs`
 * @param {import('./processes.mjs').Environment} [env]
 * @returns {Promise<boolean>} true where nothing is wrong
 */
export const isFit = (options, env = process.env) => askDoctor(['--quiet', ...options], env)

/**
 * Runs the built doctor. Its report goes to the terminal.
 * @param {string[]} options
 * @param {import('./processes.mjs').Environment} env
 * @returns {Promise<boolean>} true where nothing is wrong
 */
export function askDoctor(options, env) {
  const doctor = spawn(process.execPath, [inRoot('dist/doctor.mjs'), ...options], {
    cwd: root,
    env: /** @type {NodeJS.ProcessEnv} */ (env),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => {
    doctor.on('error', () => resolve(false))
    doctor.on('exit', (code) => resolve(code === 0))
  })
}
