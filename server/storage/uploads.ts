import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { countBytes } from './count-bytes'
import type { StorageDriver } from './driver'
import { UUID } from '@/server/engine/domain/uuid'

/** One piece of an upload, as one request brought it. */
export interface Segment {
  /** The name of its file within the upload. */
  id: string
  /** Bytes. */
  size: number
}

/** Names an upload: its organization and its id. */
interface UploadPlace {
  organizationId: string
  uploadId: string
}

/**
 * Keeps uploaded files. An upload is a series of pieces, because it may come in several requests and S3 cannot append to a
 * file. Its row in the database is written before the first piece and removed after the last, so whatever lies here can
 * be found.
 */
export interface UploadStore {
  /**
   * Writes one piece. When the source fails, nothing of it is left and its own error is thrown: a source that wants to
   * keep what came has to end instead.
   */
  write(upload: UploadPlace, content: Readable): Promise<Segment>
  /** The bytes of the pieces, one after the other, from `start` on. A piece is opened when the one before it ends. */
  read(upload: UploadPlace, segments: readonly Segment[], start?: number): Readable
  removeSegment(upload: UploadPlace, segmentId: string): Promise<void>
  /** Removes all pieces of an upload, also those that no row names. */
  remove(upload: UploadPlace): Promise<void>
}

export function createUploadStore(driver: StorageDriver): UploadStore {
  return {
    async write(upload, content) {
      const id = randomUUID()
      const { stream, size, failure } = countBytes(content)
      try {
        await driver.put(keyOf(upload, id), stream)
        return { id, size: size() }
      } catch (error) {
        await driver.remove(keyOf(upload, id)).catch(() => undefined)
        throw failure() ?? error
      }
    },

    read(upload, segments, start = 0) {
      async function* bytes(): AsyncGenerator<Uint8Array> {
        let before = 0
        for (const { id, size } of segments) {
          const skip = Math.max(0, start - before)
          before += size
          if (skip >= size) continue
          yield* (await driver.open(keyOf(upload, id), { start: skip })) as AsyncIterable<Uint8Array>
        }
      }
      return Readable.from(bytes(), { objectMode: false })
    },

    removeSegment: (upload, segmentId) => driver.remove(keyOf(upload, segmentId)),

    remove: (upload) => driver.removeFolder(folderOf(upload)),
  }
}

function folderOf({ organizationId, uploadId }: UploadPlace): string {
  if (!UUID.test(organizationId) || !UUID.test(uploadId))
    throw new Error('An upload needs its own id and that of its organization')
  return `uploads/${organizationId}/${uploadId}`
}

function keyOf(upload: UploadPlace, segmentId: string): string {
  if (!UUID.test(segmentId)) throw new Error('This is not the id of a piece of an upload')
  return `${folderOf(upload)}/${segmentId}`
}
