import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { handlerFiles } from './handlers.mjs'
import { newHandler } from './new-handler.mjs'
import { inRoot } from './paths.mjs'

/** @type {string} */
let folder
const before = process.env.JOBYARD_HANDLERS
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'new-handlers-'))
  process.env.JOBYARD_HANDLERS = path.join(folder, 'mine')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  if (before === undefined) delete process.env.JOBYARD_HANDLERS
  else process.env.JOBYARD_HANDLERS = before
})

test('a new handler comes with its test, and the first one with what its folder needs; tests, types and settings in that folder are no handlers', () => {
  const names = (/** @type {string[]} */ files) => files.map((file) => path.basename(file)).sort()
  expect(names(newHandler(['invoice.send']))).toEqual(
    ['.gitignore', 'invoice.send.test.ts', 'invoice.send.ts', 'package.json', 'tsconfig.json'].sort(),
  )
  expect(names(newHandler(['invoice.render']))).toEqual(['invoice.render.test.ts', 'invoice.render.ts'])
  const own = path.join(folder, 'mine')
  expect(newHandler(['invoice.pay']), 'files in another folder are named with their whole path').toEqual([
    path.join(own, 'invoice.pay.ts'),
    path.join(own, 'invoice.pay.test.ts'),
  ])
  // Its test is left alone, and is no handler.
  rmSync(path.join(own, 'invoice.pay.ts'))
  // These are no handlers.
  for (const name of ['vitest.config.ts', 'types.d.ts', 'a.spec.mts', '.hidden.ts', 'notes.md'])
    writeFileSync(path.join(own, name), '')
  // These are handlers.
  for (const name of ['plain.js', 'module.mjs', 'typed.mts']) writeFileSync(path.join(own, name), '')
  expect(handlerFiles()).toEqual(['invoice.render.ts', 'invoice.send.ts', 'module.mjs', 'plain.js', 'typed.mts'])
  expect(() => newHandler(['plain'])).toThrow(/plain\.js exists already\. Choose another name\.$/)
})

test.each([
  [[], /^Name one handler: npm run new:handler NAME/],
  [['a', 'b'], /^Name one handler/],
  [['Invoice'], /^"Invoice" cannot be the name of a handler/],
  [['../invoice'], /cannot be the name of a handler/],
  [['invoice.ts'], /cannot be the name of a handler/],
  [['invoice.test'], /cannot be the name of a handler/],
  [['sample.work'], /^"sample\.work" is the name of a handler that ships with Jobyard/],
])('a bad name is refused in one line: %j', (names, message) => expect(() => newHandler(names)).toThrow(message))

test('an update to a newer Jobyard changes no handler of somebody’s own, and git sees none of them', () => {
  const [upstream, clone] = [path.join(folder, 'upstream'), path.join(folder, 'clone')]
  const git = (/** @type {string} */ cwd, /** @type {string[]} */ ...args) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd, encoding: 'utf8' })
  const change = (/** @type {string} */ file, /** @type {string} */ content) => {
    mkdirSync(path.dirname(path.join(upstream, file)), { recursive: true })
    writeFileSync(path.join(upstream, file), content)
    git(upstream, 'add', '-A')
    git(upstream, 'commit', '-qm', file)
  }
  mkdirSync(upstream)
  git(upstream, 'init', '-q', '-b', 'main')
  for (const name of ['.gitignore', 'package.json', 'worker/handlers', 'worker/handler'])
    cpSync(inRoot(name), path.join(upstream, name), { recursive: true })
  change('README.md', 'the first version')
  git(folder, 'clone', '-q', upstream, clone)

  process.env.JOBYARD_HANDLERS = path.join(clone, 'handlers')
  newHandler(['invoice.send'])
  const own = readFileSync(path.join(clone, 'handlers/invoice.send.ts'), 'utf8')
  // The newer version changes a handler and adds another.
  change('worker/handlers/sample.noop.ts', '// another version')
  change('worker/handlers/invoice.ts', '// a new one')

  expect(git(clone, 'status', '--porcelain')).toBe('')
  git(clone, 'pull', '-q', '--no-rebase', '--no-edit')
  expect(git(clone, 'status', '--porcelain')).toBe('')
  expect(readFileSync(path.join(clone, 'worker/handlers/sample.noop.ts'), 'utf8')).toBe('// another version')
  expect(readFileSync(path.join(clone, 'handlers/invoice.send.ts'), 'utf8')).toBe(own)
})
