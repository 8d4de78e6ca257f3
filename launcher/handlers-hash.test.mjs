import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { hashOf } from './handlers-hash.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'handlers-hash-'))
afterAll(() => rmSync(folder, { recursive: true }))
const inspector = path.join(folder, 'inspect.mjs')
const data = path.join(folder, 'data.bin')

/** Writes 3 MiB of one byte, and dates the file as if it had never changed. @param {number} byte */
function write(byte) {
  writeFileSync(data, Buffer.alloc(3 * 1024 * 1024, byte))
  utimesSync(data, 1_000_000, 1_000_000)
}

test('a large file that changes, but keeps its size and its time of modification, gives another hash of the handlers', async () => {
  writeFileSync(inspector, '')
  write(1)
  const first = await hashOf(folder, inspector)
  expect(await hashOf(folder, inspector)).toBe(first)
  write(2)
  const changed = await hashOf(folder, inspector)
  expect(changed).not.toBe(first)
  write(1)
  expect(await hashOf(folder, inspector)).toBe(first)
})
