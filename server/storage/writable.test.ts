import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tighten, tightenStorage, whyNotWritable } from './writable.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'writable-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mode = (file: string) => (lstatSync(file).mode & 0o777).toString(8)

test('a folder that can be written to is made, and nothing of the trial remains in it', () => {
  const made = join(folder, 'a/b')
  expect(whyNotWritable(made)).toBe('')
  expect(readdirSync(made)).toEqual(['staging'])
  expect(readdirSync(join(made, 'staging'))).toEqual([])
  expect([made, join(made, 'staging')].map(mode)).toEqual(['700', '700'])
})

test('a folder that cannot be written to is found out by writing, whoever asks and whatever its mode says', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(whyNotWritable(join(folder, 'file'))).toMatch(/^E/)
  expect(whyNotWritable(join(folder, 'file/below'))).toBe('ENOTDIR')
  // Not even root writes here.
  if (existsSync('/proc/self')) expect(whyNotWritable('/proc/jobyard')).toMatch(/^E/)
  mkdirSync(join(folder, 'store'))
  writeFileSync(join(folder, 'store/staging'), '')
  expect(whyNotWritable(join(folder, 'store'))).toMatch(/^E/)
})

test('what an earlier version left open to others is closed to them, and only that', () => {
  const organization = join(folder, '01900000-0000-7000-8000-0000000000aa')
  const [file, foreign, elsewhere] = [
    join(organization, 'job/1/file'),
    join(folder, 'notes.txt'),
    join(folder, 'elsewhere'),
  ]
  mkdirSync(join(organization, 'job/1'), { recursive: true })
  writeFileSync(file, 'x')
  writeFileSync(foreign, 'x')
  writeFileSync(elsewhere, 'x')
  symlinkSync(elsewhere, join(organization, 'link'))
  for (const open of [organization, join(organization, 'job')]) chmodSync(open, 0o755)
  for (const open of [file, foreign, elsewhere]) chmodSync(open, 0o644)
  tightenStorage(folder)
  expect([organization, join(organization, 'job'), file].map(mode)).toEqual(['700', '700', '600'])
  expect([foreign, elsewhere].map(mode)).toEqual(['644', '644'])
  tighten(foreign)
  expect(mode(foreign)).toBe('600')
})
