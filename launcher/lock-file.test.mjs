import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ALLOWED, identifiers, licencesMarkdown, packages } from '../scripts/licences.mjs'
import { inRoot } from './paths.mjs'

/** An entry without an address is from the registry that the installer uses. */
const REGISTRY = 'https://registry.npmjs.org/'
/**
 * @type {{ packages: Record<string, { version: string, integrity?: string, resolved?: string, link?: boolean, inBundle?: boolean, optionalDependencies?: Record<string, string> }> }}
 */
const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'))

test('no package has a licence that is not on the list of those that may be used', () => {
  expect(packages().length).toBeGreaterThan(500)
  expect(packages().filter(({ licence }) => !identifiers(licence).every((one) => ALLOWED.has(one)))).toEqual([])
})

test('docs/licences.md names the packages of the lock file (npm run licences writes it)', () => {
  expect(readFileSync(inRoot('docs/licences.md'), 'utf8')).toBe(licencesMarkdown())
})

test('the lock file has every package for another platform, so that an install on macOS or arm64 adds nothing by itself', () => {
  const wanted = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => /darwin|linux|win32|arm64|x64/.test(name))
      .map((name) => ({ place, name })),
  )
  expect(wanted.length).toBeGreaterThan(50)
  const missing = wanted.filter(
    ({ place, name }) => !lock.packages[`${place}/node_modules/${name}`] && !lock.packages[`node_modules/${name}`],
  )
  expect(missing).toEqual([])
})

test('every package of the lock file comes from the public registry and is checked by a digest', () => {
  const others = Object.entries(lock.packages).filter(
    ([place, { integrity, resolved, link, inBundle }]) =>
      place !== '' &&
      !link &&
      !inBundle &&
      !(integrity?.startsWith('sha512-') && (resolved ?? REGISTRY).startsWith(REGISTRY)),
  )
  expect(others.map(([place]) => place)).toEqual([])
})
