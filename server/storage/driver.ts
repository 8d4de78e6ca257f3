import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { FSDriver } from 'flydrive/drivers/fs'
import type { DriverContract } from 'flydrive/types'

/** Bytes from `start` to `end`, both included, as in an HTTP range. */
export interface ByteRange {
  start?: number
  end?: number
}

/**
 * What artifacts need of a place that keeps files: flydrive's contract, and reading a part of a file,
 * which flydrive has no word for. Another place (S3) is another class here and a line in `index.ts`.
 */
export interface StorageDriver extends DriverContract {
  /** Rejects when there is no such file, before a byte was read. */
  getRange(key: string, range: ByteRange): Promise<Readable>
}

/** A folder of this machine, or one that web and workers share. */
export class FolderDriver extends FSDriver implements StorageDriver {
  readonly #root: string

  constructor(directory: string) {
    const root = resolve(directory)
    super({ location: root, visibility: 'private' })
    this.#root = root
  }

  async getRange(key: string, range: ByteRange): Promise<Readable> {
    // Opened first, so that a missing file is a rejection and not an error amid an answer.
    const file = await open(join(this.#root, key), 'r')
    return createReadStream('', { fd: file, ...range })
  }
}
