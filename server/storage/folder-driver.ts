import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { disappeared, type ByteRange, type StorageDriver } from './driver'
import { StorageError } from './storage-error'

const STAGING = 'staging'
const stagedAt = (key: string) => `${STAGING}/${key}`
/** Files are for their own user alone, and on the disk before a row names them. */
const PRIVATE = { mode: 0o600, flush: true } as const

/**
 * Keeps files in a folder, of this machine or shared between machines. A staged file lies in the folder `staging`, and
 * is renamed to where it stays: a reader finds it whole in one place or the other.
 */
export class FolderDriver implements StorageDriver {
  readonly #root: string

  constructor(directory: string) {
    this.#root = path.resolve(directory)
  }

  stage(key: string, content: Readable | Uint8Array): Promise<void> {
    return this.put(stagedAt(key), content)
  }

  async put(key: string, content: Readable | Uint8Array): Promise<void> {
    const file = this.#at(key)
    try {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      if (content instanceof Readable) await pipeline(content, createWriteStream(file, PRIVATE))
      else await writeFile(file, content, PRIVATE)
    } catch (error) {
      // Where the folder could not be made, nobody has begun to read it, and what it reads from would stay open.
      if (content instanceof Readable) content.destroy()
      await rm(file, { force: true }).catch(() => undefined)
      throw storageErrorOf(error)
    }
  }

  async keep(key: string): Promise<void> {
    try {
      await mkdir(path.dirname(this.#at(key)), { recursive: true, mode: 0o700 })
      await rename(this.#at(stagedAt(key)), this.#at(key))
    } catch (error) {
      // It may have been moved before, by whomever.
      const missing = codeOf(error) === 'ENOENT'
      if (missing && (await isThere(this.#at(key)))) return
      throw missing ? disappeared() : storageErrorOf(error)
    }
  }

  async staged(): Promise<{ keys: string[]; next: undefined }> {
    const folder = this.#at(STAGING)
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile())
      const keys = files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
      return { keys: keys.map((key) => key.replaceAll(path.sep, '/')), next: undefined }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { keys: [], next: undefined }
      throw error
    }
  }

  async open(key: string, range: ByteRange = {}): Promise<Readable> {
    // The third try is for a file that was renamed between the first two.
    return this.#openAt(key, range)
      .catch(() => this.#openAt(stagedAt(key), range))
      .catch(() => this.#openAt(key, range))
  }

  async remove(key: string): Promise<void> {
    // First the staged place: a file that is kept meanwhile is then found in the other.
    for (const place of [stagedAt(key), key]) {
      await unlink(this.#at(place)).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
      })
    }
  }

  async removeFolder(folder: string): Promise<void> {
    await rm(this.#at(stagedAt(folder)), { recursive: true, force: true })
    await rm(this.#at(folder), { recursive: true, force: true })
  }

  #at(key: string): string {
    return path.join(this.#root, key)
  }

  async #openAt(key: string, range: ByteRange): Promise<Readable> {
    // The file is opened first. A missing one then rejects here, and does not break an answer that has begun.
    const file = await open(this.#at(key), 'r')
    // Where a file is open already, the path is not looked at.
    return createReadStream('', { fd: file, ...range })
  }
}

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

/**
 * The message leaves out the path, which means nothing to an organization. An error that is not the system's is
 * returned as it is.
 */
function storageErrorOf(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (!/^E(?!RR_)[A-Z0-9]+$/.test(code ?? '') || syscall === undefined) return error
  return new StorageError(`Storage did not take a file: ${code} (${syscall})`)
}
