import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CommandError } from './command-error'

/**
 * Writes lines to a new file that only its owner may read. Where that fails in the middle, the file is removed, because
 * nobody could tell it from a whole one.
 *
 * @throws CommandError where the file is there already or cannot be written; else what `lines` throws
 */
export async function writeNewFile(file: string, lines: AsyncIterable<string>): Promise<void> {
  let made = false
  try {
    const target = createWriteStream(file, { mode: 0o600, flags: 'wx' })
    await once(target, 'open')
    made = true
    await pipeline(Readable.from(withEnds(lines)), target)
  } catch (error) {
    if (made) rmSync(file, { force: true })
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new CommandError(`${file} is there already. Name another file, or remove that one first.`)
    if (syscall === 'open' || syscall === 'write' || syscall === 'close')
      throw new CommandError(
        `${file} could not be written: ${(error as Error).message}. ${made ? 'What was written of it is removed.' : 'Name another file.'}`,
      )
    throw error
  }
}

async function* withEnds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
