import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './processes.mjs'
import { Refusal } from './say.mjs'

/** A release cannot be made. The message says why and what to do. */
export class NoRelease extends Refusal {}

/** The manifest that names the image of this release. */
const MANIFEST = 'deploy/kubernetes/jobyard.yaml'
/** An image of Jobyard with its tag. */
const IMAGE = /(image: \S*\/jobyard):\S+/g

const STEPS = ['major', 'minor', 'patch']

/** @param {string} version @param {string | undefined} step major, minor, patch, or a version */
export function nextVersion(version, step) {
  if (step && /^\d+\.\d+\.\d+$/.test(step)) return step
  const place = STEPS.indexOf(step ?? '')
  if (place < 0)
    throw new NoRelease(
      'Say which version comes: npm run release -- patch (or minor, major, or a version such as 1.4.0).',
    )
  return version
    .split('.')
    .map((part, n) => (n < place ? part : n === place ? String(Number(part) + 1) : '0'))
    .join('.')
}

/**
 * The changelog with what is unreleased under the new version.
 * @param {string} text
 * @param {string} version
 * @param {string} day
 */
export function releasedChangelog(text, version, day) {
  // The part ends at the next heading, or at `$(?![\s\S])`, the end of the text. With `m`, `$` alone ends a line.
  const [, before, unreleased, after] =
    /^([\s\S]*?^## Unreleased\n)([\s\S]*?)(^## [\s\S]*|$(?![\s\S]))/m.exec(text) ?? []
  if (before === undefined)
    throw new NoRelease('CHANGELOG.md has no heading “## Unreleased”. Put it above the newest version.')
  if (!/^- /m.test(unreleased ?? ''))
    throw new NoRelease('Nothing stands under “Unreleased” in CHANGELOG.md. Write down what changed for users first.')
  return `${before}\n## ${version} (${day})\n${unreleased}${after}`
}

/**
 * Makes a release in a folder: version, changelog, commit and tag. Without `yes` nothing is written; what would be done
 * is said.
 * @param {{ folder: string, step: string | undefined, yes: boolean, day: string, say: (line: string) => void }} options
 */
export async function release({ folder, step, yes, day, say }) {
  const file = (/** @type {string} */ name) => path.join(folder, name)
  const read = (/** @type {string} */ name) => readFileSync(file(name), 'utf8')
  const git = async (/** @type {string[]} */ ...args) => {
    const { code, output } = await run('git', args, { cwd: folder })
    if (code !== 0) throw new NoRelease(`git ${args[0]} failed: ${output.trim()}`)
    return output.trim()
  }
  const { version: before } = JSON.parse(read('package.json'))
  const version = nextVersion(before, step)
  const tag = `v${version}`
  if ((await git('tag', '--list', tag)) !== '')
    throw new NoRelease(`The tag ${tag} exists already. Choose a later version.`)
  const changelog = releasedChangelog(read('CHANGELOG.md'), version, day)
  const changes = await git('status', '--porcelain')
  if (changes !== '')
    throw new NoRelease(`There are changes that are not committed. Commit or remove them first:\n${changes}`)
  const steps = [
    `version ${before} → ${version} in package.json and package-lock.json, and as tag of the image in ${MANIFEST}`,
    `“Unreleased” in CHANGELOG.md becomes ${version} (${day})`,
    `commit “Release ${version}”, tag ${tag}`,
  ]
  for (const line of steps) say(line)
  if (!yes) {
    say('Nothing was written. Run it again with --yes to do it; run npm test before.')
    return
  }
  writeFileSync(file('package.json'), read('package.json').replace(`"version": "${before}"`, `"version": "${version}"`))
  const lock = JSON.parse(read('package-lock.json'))
  lock.version = lock.packages[''].version = version
  writeFileSync(file('package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`)
  writeFileSync(file('CHANGELOG.md'), changelog)
  writeFileSync(file(MANIFEST), read(MANIFEST).replace(IMAGE, `$1:${version}`))
  await git('commit', '--quiet', '--all', '--message', `Release ${version}`)
  await git('tag', '--annotate', tag, '--message', `Release ${version}`)
  say(`Done. Publish it with: git push --follow-tags`)
}
