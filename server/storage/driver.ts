import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { FSDriver } from 'flydrive/drivers/fs'
import type { DriverContract } from 'flydrive/types'

/** Bytes from `start` to `end`, including both, as in an HTTP range. */
export interface ByteRange {
  start?: number
  end?: number
}

/**
 * What a storage must be able to do: what flydrive's drivers do, and read a part of a file, which they do not offer.
 * Another kind of storage, such as S3, is another class here and a line in `index.ts`.
 */
export interface StorageDriver extends DriverContract {
  /** Rejects before the first byte when there is no such file. */
  getRange(key: string, range: ByteRange): Promise<Readable>
}

/** Keeps files in a folder, of this machine or shared between machines. */
export class FolderDriver extends FSDriver implements StorageDriver {
  readonly #root: string

  constructor(directory: string) {
    const root = resolve(directory)
    super({ location: root, visibility: 'private' })
    this.#root = root
  }

  async getRange(key: string, range: ByteRange): Promise<Readable> {
    // The file is opened first. A missing one then rejects here, and does not break an answer that has begun.
    const file = await open(join(this.#root, key), 'r')
    return createReadStream('', { fd: file, ...range })
  }
}
