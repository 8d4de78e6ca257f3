import { inRoot, root } from './paths.mjs'
import { run } from './processes.mjs'
import { Refusal, tail } from './say.mjs'

/**
 * Adds what every Jobyard needs (its job types) and, in the embedded mode, the demo.
 * @param {import('./processes.mjs').Environment} env
 * @param {string[]} [command] what to run instead of the bundled seed
 * @returns {Promise<Pick<import('./run-file.mjs').Run, 'accounts' | 'apiKeys'>>}
 */
export async function seed(env, command = [inRoot('dist/seed.mjs')]) {
  const { code, output, stdout } = await run(process.execPath, command, { cwd: root, env })
  if (code !== 0) throw new Refusal('The database could not be filled with the demo; see above.', tail(output))
  const { accounts = [], apiKeys = [] } = JSON.parse(stdout.trim().split('\n').at(-1) || '{}')
  return { accounts, apiKeys }
}
