import type { Readable } from 'node:stream'

/** Bytes from `start` to `end`, including both, as in an HTTP range. */
export interface ByteRange {
  start?: number
  end?: number
}

/**
 * What a storage must be able to do. Keys are relative paths, and no part of them comes from a user. A file is written
 * whole or not at all. Another kind of storage is another class here, a line in `index.ts`, and a line in the list
 * DRIVERS of `artifacts.test.ts`, whose tests it has to pass.
 *
 * A file is first staged, and kept once a row of the database names it. What stays staged was left by a process that
 * died, and can be listed. How a storage remembers that a file is staged is its own affair.
 */
export interface StorageDriver {
  /** Writes a file and notes that it is staged. */
  stage(key: string, content: Readable | Uint8Array): Promise<void>
  /** Ends the staging of a file. One that is kept already is no error. Rejects when there is no such file. */
  keep(key: string): Promise<void>
  /** Some of the files that are staged, and where the next ones begin. */
  staged(after?: string): Promise<{ keys: string[]; next: string | undefined }>
  /** Writes a file that is never staged, because something else knows of it, such as the row of an upload. */
  put(key: string, content: Readable | Uint8Array): Promise<void>
  /**
   * A stream of a file, staged or not, or of a part of it. Rejects before the first byte when there is no such file.
   */
  open(key: string, range?: ByteRange): Promise<Readable>
  /** Removes a file, staged or not. One that is absent is no error. */
  remove(key: string): Promise<void>
  /** Removes all files whose keys begin with `<folder>/`, staged or not. */
  removeFolder(folder: string): Promise<void>
}

/** What a driver says where a file to be kept is not there any more. */
export const disappeared = (): Error =>
  new Error(
    'A staged artifact has disappeared from storage before it could be kept. Look for what removes files from the storage folder or bucket.',
  )
