import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CommandError } from './command-error'
import { writeNewFile } from './new-file'

const folder = mkdtempSync(path.join(tmpdir(), 'jobyard-new-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function* lines(count: number, failure?: Error): AsyncGenerator<string> {
  for (let n = 0; n < count; n++) yield await Promise.resolve(`line ${n}`)
  if (failure) throw failure
}

test('every line that a command writes stands in its new file', async () => {
  const file = path.join(folder, 'whole')
  await writeNewFile(file, lines(3))
  expect(readFileSync(file, 'utf8')).toBe('line 0\nline 1\nline 2\n')
})

test('where the lines end with an error, the caller gets that error and no file is left', async () => {
  const file = path.join(folder, 'half')
  const failure = new Error('the server is gone')
  await expect(writeNewFile(file, lines(100_000, failure))).rejects.toBe(failure)
  expect(existsSync(file)).toBe(false)
})

test('a file that is there already is named and left as it is', async () => {
  const file = path.join(folder, 'old')
  writeFileSync(file, 'old')
  await expect(writeNewFile(file, lines(1))).rejects.toThrow(
    new CommandError(`${file} is there already. Name another file, or remove that one first.`),
  )
  expect(readFileSync(file, 'utf8')).toBe('old')
})

test('a folder that is not there is told in one line', async () => {
  const file = path.join(folder, 'missing', 'file')
  const failed = await writeNewFile(file, lines(1)).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(CommandError)
  expect((failed as Error).message).toMatch(/^\S+ could not be written: ENOENT: .+ Name another file\.$/)
})
