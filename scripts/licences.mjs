// `npm run licences`: writes docs/licences.md, the licences of everything that package-lock.json names.
import { readFileSync, writeFileSync } from 'node:fs'
import { inRoot } from '../launcher/paths.mjs'

/**
 * What may be used, by SPDX identifier. Most are permissive. OFL, MPL, EPL and LGPL ask for something of whoever changes
 * the package itself, which nobody here does: it is used as it comes.
 */
export const ALLOWED = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'Zlib'],
  ...['Unlicense', 'CC0-1.0', 'CC-BY-4.0', 'Python-2.0', 'OFL-1.1'],
  ...['MPL-2.0', 'EPL-2.0', 'LGPL-3.0-or-later'],
])

/** Packages whose package.json names no licence in the usual field, as their own files say. */
export const SAID_ELSEWHERE = {
  busboy: 'MIT',
  dicer: 'MIT',
  'humanize-number': 'MIT',
  only: 'MIT',
  'png-js': 'MIT',
  'seq-queue': 'MIT',
  streamsearch: 'MIT',
}

/** @typedef {{ name: string, version: string, licence: string, dev: boolean }} Package */

/** Every package of the lock file, each version once, by name. @returns {Package[]} */
export function packages() {
  /** @type {{ packages: Record<string, { version: string, license?: string, dev?: boolean, link?: boolean }> }} */
  const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'))
  /** @type {Map<string, Package>} */
  const found = new Map()
  for (const [place, { version, license, dev = false, link }] of Object.entries(lock.packages)) {
    if (place === '' || link) continue
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const known = /** @type {Record<string, string>} */ (SAID_ELSEWHERE)[name]
    const one = { name, version, licence: license ?? known ?? 'unknown', dev }
    const key = `${name}@${version}`
    // A version that is also used outside of development counts as used.
    if (!found.has(key) || !dev) found.set(key, one)
  }
  return [...found.values()].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1,
  )
}

/** The identifiers in an expression such as `(MIT AND Zlib)`. @param {string} licence */
export const identifiers = (licence) => licence.replace(/[()]/g, '').split(/ and | or /i)

/** The whole text of docs/licences.md. */
export function licencesMarkdown() {
  const all = packages()
  const section = (/** @type {boolean} */ dev) => {
    /** @type {Map<string, string[]>} */
    const by = new Map()
    for (const one of all.filter((each) => each.dev === dev))
      by.set(one.licence, [...(by.get(one.licence) ?? []), `${one.name} ${one.version}`])
    return [...by]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([licence, names]) => `**${licence}** (${names.length}): ${names.join(', ')}.`)
      .join('\n\n')
  }
  return `# Licences

<!-- Made from package-lock.json by: npm run licences -->

Jobyard itself is under the MIT licence. It is built with these packages. A test refuses a licence that is not on the list in
\`scripts/licences.mjs\`. Packages for other platforms than yours are listed, too. The fonts are under OFL-1.1. What is under LGPL, MPL or EPL is used as it
comes, as a package of its own.

## In what runs

${section(false)}

## For development only

${section(true)}
`
}

if (process.argv[1] === inRoot('scripts/licences.mjs')) writeFileSync(inRoot('docs/licences.md'), licencesMarkdown())
