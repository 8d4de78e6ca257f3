import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { letEverybodyRead, requireEmpty } from './folder.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-image-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an image is made in a new or empty folder, and not in a file or among other files', () => {
  const empty = path.join(folder, 'empty')
  mkdirSync(empty)
  const file = path.join(folder, 'file')
  writeFileSync(file, '')
  expect(() => requireEmpty(path.join(folder, 'new'))).not.toThrow()
  expect(() => requireEmpty(empty)).not.toThrow()
  expect(() => requireEmpty(file)).toThrow(/is a file/)
  expect(() => requireEmpty(folder)).toThrow(/is not empty/)
})

test('other users may read the files of an image and not change them, and rights that cannot be set are refused', async () => {
  const made = path.join(folder, 'made')
  mkdirSync(made, { mode: 0o700 })
  writeFileSync(path.join(made, 'file'), '', { mode: 0o620 })
  await letEverybodyRead(made)
  expect(statSync(made).mode & 0o777).toBe(0o755)
  expect(statSync(path.join(made, 'file')).mode & 0o777).toBe(0o644)
  await expect(letEverybodyRead(path.join(folder, 'missing'))).rejects.toThrow(/could not be set/)
})
