import { inRoot, root } from './paths.mjs'
import { run } from './processes.mjs'
import { Refusal, tail } from './say.mjs'

/**
 * Adds what every Jobyard needs (its job types) and, if Jobyard runs its own PostgreSQL (JOBYARD_EMBEDDED=1), the demo
 * organizations.
 * @param {import('./processes.mjs').Environment} env
 * @param {string[]} [command] the seed to run instead of the bundled one
 * @returns {Promise<Pick<import('./run-file.mjs').Run, 'accounts' | 'apiKeys'>>}
 */
export async function seed(env, command = [inRoot('dist/seed.mjs')]) {
  const { code, output, stdout } = await run(process.execPath, command, { cwd: root, env })
  // What `tail` gives is printed before the message.
  if (code !== 0) throw new Refusal('The seed failed; the database may lack job types. See above.', tail(output))
  // The last line of the seed is JSON: what to sign in with (prisma/seed.ts). Without it the start goes
  // on, too.
  const { accounts = [], apiKeys = [] } = JSON.parse(stdout.trim().split('\n').at(-1) || '{}')
  return { accounts, apiKeys }
}
