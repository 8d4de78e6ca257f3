import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'
import { OFF_BY_PLAYWRIGHT } from './quiet-browser'

test('the list of features that journeys switch off in Chromium holds all that Playwright switches off, because Chromium obeys only the last list', () => {
  const folder = path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'))
  const source = readFileSync(path.join(folder, 'lib/coreBundle.js'), 'utf8')
  // Playwright exports its list nowhere, so it is read from its source.
  const list = /disabledFeatures = \[([^]*?)\n {4}\]/.exec(source)?.[1] ?? ''
  const names = [...list.replaceAll(/\/\/.*$/gm, '').matchAll(/"(\w+)"/g)].map(([, name]) => name)
  expect(names.length, 'Playwright’s list was found').toBeGreaterThan(5)
  expect(OFF_BY_PLAYWRIGHT).toEqual(expect.arrayContaining(names))
})
