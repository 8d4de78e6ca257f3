import { withInheritedUmask } from '../server/private-files.mjs'
import { run } from './processes.mjs'

/**
 * Runs npm: the one that runs this process, or the one on PATH.
 * @param {string[]} args
 * @param {string} cwd
 */
export function npm(args, cwd) {
  const cli = process.env.npm_execpath
  // NODE_ENV=production would leave out what a build needs.
  const options = { cwd, env: { ...process.env, NODE_ENV: undefined } }
  // The embedded database runs as a user of its own, who must be able to read its package.
  return withInheritedUmask(() =>
    cli && /\.c?js$/.test(cli) ? run(process.execPath, [cli, ...args], options) : run('npm', args, options),
  )
}
