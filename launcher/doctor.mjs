import { spawn } from 'node:child_process'
import { inRoot, root } from './paths.mjs'

/**
 * Asks the built doctor whether a process can start here: versions, migrations, clock, secrets, store, storage. It
 * prints what is wrong.
 * @param {string[]} options of `dist/doctor.mjs`
 * @param {import('./processes.mjs').Environment} [env]
 * @returns {Promise<boolean>} true where nothing is wrong
 */
export function isFit(options, env = process.env) {
  const doctor = spawn(process.execPath, [inRoot('dist/doctor.mjs'), '--quiet', ...options], {
    cwd: root,
    env: /** @type {NodeJS.ProcessEnv} */ (env),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => {
    doctor.on('error', () => resolve(false))
    doctor.on('exit', (code) => resolve(code === 0))
  })
}
