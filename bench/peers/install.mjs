import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inRoot } from '../../launcher/paths.mjs'
import { run } from '../../launcher/processes.mjs'
import { Refusal, step, tail } from '../../launcher/say.mjs'

/**
 * Installs the engines that are measured beside Jobyard under .local, because nothing but the bench uses them. Once
 * installed they stay until another version is wanted.
 * @returns {Promise<string>} the folder
 */
export async function installPeers() {
  const folder = inRoot('.local/bench/peers')
  const wanted = inRoot('bench/peers/package-lock.json')
  const stamp = path.join(folder, 'installed-package-lock.json')
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(wanted, 'utf8')
  if (isInstalled) return folder
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(inRoot('bench/peers', name), path.join(folder, name))
  await step('Installing the engines to compare with', async () => {
    const { code, output } = await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, env: process.env })
    if (code !== 0)
      throw new Refusal(
        'graphile-worker and pg-boss could not be installed; see above. Without the npm registry, leave them out by --only (every part but throughput).',
        tail(output, 20),
      )
  })
  copyFileSync(wanted, stamp)
  return folder
}
