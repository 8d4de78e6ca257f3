// `node deploy/image/make.mjs FOLDER`: puts into an empty folder exactly what an image holds, installs its packages, and
// makes sure that nothing is missing. The Dockerfile calls it, and so can whoever deploys without images.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { npm } from '../../launcher/npm.mjs'
import { inRoot } from '../../launcher/paths.mjs'
import { fail, Refusal, say, tail } from '../../launcher/say.mjs'
import { contentsOfImage, isUnneeded, packageFile, tracedFiles } from './contents.mjs'
import { letEverybodyRead, requireEmpty } from './folder.mjs'

try {
  const [folder] = process.argv.slice(2)
  if (!folder) throw new Refusal('Say where to put it: node deploy/image/make.mjs FOLDER')
  await makeImageFolder(path.resolve(folder))
} catch (error) {
  fail(error)
}

/** @param {string} folder */
async function makeImageFolder(folder) {
  requireEmpty(folder)
  const { files, packages } = await contentsOfImage()
  mkdirSync(folder, { recursive: true })
  for (const file of files) cpSync(inRoot(file), path.join(folder, file), { verbatimSymlinks: true })
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(packageFile(packages), null, 2)}\n`)
  // With the lock file, npm installs the tested version of every package, and of every package that these bring.
  cpSync(inRoot('package-lock.json'), path.join(folder, 'package-lock.json'))
  // No package of an image needs its install script: those with native code bring it ready-made.
  const { code, output } = await npm(
    ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    folder,
  )
  if (code !== 0) throw new Refusal('The packages of the image could not be installed; see above.', tail(output))
  const modules = path.join(folder, 'node_modules')
  removeUnneeded(modules)
  // Next.js noted at its build which files of packages its pages load.
  const missing = tracedFiles().filter((file) => !existsSync(path.join(modules, file)))
  if (missing.length > 0)
    throw new Refusal(`The dashboard needs ${missing.length} files that are not there, such as ${missing[0]}.`)
  await letEverybodyRead(folder)
  say(`${folder} holds ${files.length} files of Jobyard, and ${packages.length} packages with what they need.`)
}

/** @param {string} modules */
function removeUnneeded(modules) {
  for (const file of readdirSync(modules, { recursive: true, encoding: 'utf8' }))
    if (isUnneeded(file)) rmSync(path.join(modules, file), { recursive: true, force: true })
}
