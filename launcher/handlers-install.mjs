import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { npm } from './npm.mjs'
import { handlersFolder, readJson, sha256 } from './paths.mjs'
import { say, step, tail } from './say.mjs'

/**
 * Installs the packages that handlers of one's own need, where the folder has a package.json and they are missing. What
 * fails is said and stops nothing: each handler that lacks a package is named when it is built.
 */
export async function ensureHandlerDependencies(folder = handlersFolder()) {
  const file = path.join(folder, 'package.json')
  if (!existsSync(file)) return
  const manifest = readJson(file)
  if (manifest === null) return say(`! ${file} is no JSON, so the packages of your handlers are not installed.`)
  // It holds the hash of the package.json that was installed last.
  const stamp = path.join(folder, 'node_modules/.jobyard-installed')
  const wanted = sha256(readFileSync(file))
  // Where all is there and no stamp, the author has installed it.
  if (allThere(folder, manifest.dependencies ?? {}) && (!existsSync(stamp) || readFileSync(stamp, 'utf8') === wanted))
    return
  await step(`Installing packages of the handlers in ${folder}`, async () => {
    const { code, output } = await npm(['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
    if (code !== 0)
      return say(
        `${tail(output, 10)}\n! The packages of ${file} could not be installed; see above. Is the npm registry reachable?`,
      )
    if (existsSync(path.dirname(stamp))) writeFileSync(stamp, sha256(readFileSync(file)))
  })
}

/**
 * Whether each package lies where a file of the folder finds it.
 * @param {string} folder
 * @param {object} dependencies
 */
function allThere(folder, dependencies) {
  return Object.keys(dependencies).every((name) => {
    for (let at = folder; ; at = path.dirname(at)) {
      if (existsSync(path.join(at, 'node_modules', name, 'package.json'))) return true
      if (at === path.dirname(at)) return false
    }
  })
}
