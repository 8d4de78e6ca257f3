import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nextVersion, release } from './release.mjs'
import { Refusal } from './say.mjs'

// A real repository of git, in a folder of its own.

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n- Alerts.\n\n## 0.1.0 (2026-01-01)\n\n- The first.\n'
const MANIFEST = 'deploy/kubernetes/jobyard.yaml'
/** @type {string} */
let folder
/** @type {string[]} */
let said
const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
const read = (/** @type {string} */ name) => readFileSync(path.join(folder, name), 'utf8')
const write = (/** @type {string} */ name, /** @type {string} */ text) => writeFileSync(path.join(folder, name), text)
const make = (/** @type {string} */ step, yes = true) =>
  release({ folder, step, yes, day: '2026-02-03', say: (line) => void said.push(line) })

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'jobyard-release-'))
  said = []
  write('package.json', '{\n  "name": "jobyard",\n  "version": "0.1.0"\n}\n')
  write('package-lock.json', JSON.stringify({ version: '0.1.0', packages: { '': { version: '0.1.0' } } }))
  write('CHANGELOG.md', CHANGELOG)
  mkdirSync(path.join(folder, 'deploy/kubernetes'), { recursive: true })
  write(MANIFEST, '- image: registry.example.com/jobyard:0.1.0\n- image: registry.example.com:5000/jobyard:0.1.0\n')
  git('init', '--quiet')
  git('config', 'user.name', 'Test')
  git('config', 'user.email', 'test@example.com')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Begin')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('without --yes a release says what it would do, and writes nothing', async () => {
  await make('minor', false)
  expect(said.join('\n')).toContain('0.1.0 → 0.2.0')
  expect(git('status', '--porcelain')).toBe('')
  expect(git('tag')).toBe('')
})

test('a release writes the version, the changelog and the tag of the image, commits and tags', async () => {
  await make('minor')
  expect(JSON.parse(read('package.json'))).toMatchObject({ version: '0.2.0' })
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '0.2.0',
    packages: { '': { version: '0.2.0' } },
  })
  expect(read('CHANGELOG.md')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-03)\n\n### Added\n- Alerts.\n\n## 0.1.0 (2026-01-01)\n\n- The first.\n',
  )
  expect(read(MANIFEST)).toBe(
    '- image: registry.example.com/jobyard:0.2.0\n- image: registry.example.com:5000/jobyard:0.2.0\n',
  )
  expect(git('status', '--porcelain')).toBe('')
  expect(git('describe')).toBe('v0.2.0')
})

test('a release is refused where nothing changed for users, the tree is not clean, or the tag exists', async () => {
  await make('minor')
  await expect(make('minor')).rejects.toBeInstanceOf(Refusal)
  await expect(make('minor')).rejects.toThrow('Nothing stands under “Unreleased”')
  write('CHANGELOG.md', CHANGELOG)
  await expect(make('patch')).rejects.toThrow('not committed')
  await expect(make('0.2.0')).rejects.toThrow('v0.2.0 exists already')
})

test.each([
  ['patch', '1.2.4'],
  ['minor', '1.3.0'],
  ['major', '2.0.0'],
  ['1.4.0', '1.4.0'],
])('after 1.2.3 the step %s gives %s', (step, version) => expect(nextVersion('1.2.3', step)).toBe(version))

test('without a step a release says how to give one', () => {
  expect(() => nextVersion('1.2.3', undefined)).toThrow('npm run release -- patch')
})
