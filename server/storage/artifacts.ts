import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Disk } from 'flydrive'
import type { ByteRange, StorageDriver } from './driver'
import { UUID, UUID_FORM } from '@/server/engine/domain/uuid'

/** The attempt that made an artifact. */
export interface ArtifactOwner {
  organizationId: string
  jobId: string
  attempt: number
}

/** A file in storage. Its name and content type are kept in the database. */
export interface StagedArtifact {
  storageKey: string
  /** Bytes. */
  size: number
}

/**
 * Keeps the files of jobs. A file is staged first. When a row of the database names it, it is moved to where it stays.
 * The row is written before the move. A process that dies in between leaves a staged file, and the sweep finds it.
 * The other order could leave a file that no row names, and nothing would ever find that one.
 */
export interface ArtifactStore {
  /**
   * Stages a file. It rejects when the stream fails or `signal` fires, and then nothing of the file is left.
   */
  stageArtifact(
    owner: ArtifactOwner,
    content: Readable | Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<StagedArtifact>
  /** Moves staged files to where they stay, once rows name them. A file that was moved before, by whomever, is no error. */
  commitArtifacts(storageKeys: readonly string[]): Promise<void>
  /** A stream of the file or of a part of it, whether it is staged or kept. Rejects when there is no such file. */
  openArtifact(storageKey: string, range?: ByteRange): Promise<Readable>
  /** Removes files, whether they are staged or kept. A file that is absent is no error. */
  removeArtifacts(storageKeys: readonly string[]): Promise<void>
  /** Removes all files of a job, or of one of its attempts. */
  removeArtifactsOf(owner: Omit<ArtifactOwner, 'attempt'> & { attempt?: number }): Promise<void>
  /** Looks after files that dead processes left staged. A file that a row names is kept, any other is removed. */
  settleAbandoned(ask: {
    /** Says which of these attempts still run. Their files are left alone. */
    running: (attempts: StagedBy[]) => Promise<StagedBy[]>
    /** The storage keys that rows of these jobs name. It is asked after `running`. */
    named: (jobIds: string[]) => Promise<string[]>
  }): Promise<{ kept: number; removed: number }>
}

/** An attempt that has staged files. */
export interface StagedBy {
  jobId: string
  attempt: number
}

const STAGING = 'staging'
const KEY = new RegExp(`^${UUID_FORM}/${UUID_FORM}/[1-9][0-9]{0,9}/${UUID_FORM}$`)

/** Artifacts in any storage. Keys are `<organization>/<job>/<attempt>/<random>`, so no part of a path comes from a user. */
export function createArtifactStore(driver: StorageDriver): ArtifactStore {
  const disk = new Disk(driver)
  return {
    async stageArtifact(owner, content, { signal } = {}) {
      const storageKey = `${folderOf(owner)}/${randomUUID()}`
      const counted = content instanceof Readable ? countBytes(content, signal) : undefined
      try {
        if (!counted) {
          signal?.throwIfAborted()
          const bytes = content as Uint8Array
          await disk.put(staged(storageKey), bytes)
          return { storageKey, size: bytes.byteLength }
        }
        await disk.putStream(staged(storageKey), counted.stream)
        return { storageKey, size: counted.size() }
      } catch (error) {
        await disk.delete(staged(storageKey)).catch(() => undefined)
        if (signal?.aborted) throw signal.reason
        throw counted?.hasFailed() ? causeOf(error) : storageErrorOf(error)
      }
    },

    async commitArtifacts(storageKeys) {
      for (const key of storageKeys) {
        checkKey(key)
        try {
          if (await disk.exists(staged(key))) await disk.move(staged(key), key)
        } catch (error) {
          if (!(await disk.exists(key))) throw error
        }
        if (!(await disk.exists(key)))
          throw new Error(
            'A staged artifact has disappeared from storage before it could be kept. Look for what removes files from the storage folder or bucket.',
          )
      }
    },

    async openArtifact(storageKey, range = {}) {
      checkKey(storageKey)
      const open = (key: string) => driver.getRange(key, range)
      // The third try is for a file that was moved between the first two.
      return open(storageKey)
        .catch(() => open(staged(storageKey)))
        .catch(() => open(storageKey))
    },

    async removeArtifacts(storageKeys) {
      for (const key of storageKeys) {
        checkKey(key)
        await disk.delete(staged(key))
        await disk.delete(key)
      }
    },

    async removeArtifactsOf(owner) {
      const folder = folderOf(owner)
      await disk.deleteAll(staged(folder))
      await disk.deleteAll(folder)
    },

    async settleAbandoned({ running, named }) {
      const keep: string[] = []
      let removed = 0
      let paginationToken: string | undefined
      do {
        const page = await listOrNothing(disk, paginationToken)
        // The files are listed before we ask who runs, so a file of an attempt that begins in between is not in the list.
        const files = [...page.objects].flatMap((file) => {
          const [, , jobId, attempt] = file.isFile ? file.key.split('/') : []
          return file.isFile && jobId && UUID.test(jobId) && Number(attempt) >= 1
            ? [{ key: file.key, jobId, attempt: Number(attempt) }]
            : []
        })
        const alive = new Set(
          (files.length > 0 ? await running(files.map(({ jobId, attempt }) => ({ jobId, attempt }))) : []).map(name),
        )
        const left = files.filter((file) => !alive.has(name(file)))
        const wanted = new Set(left.length > 0 ? await named([...new Set(left.map(({ jobId }) => jobId))]) : [])
        for (const { key } of left) {
          const storageKey = key.slice(STAGING.length + 1)
          if (wanted.has(storageKey)) keep.push(storageKey)
          else {
            await disk.delete(key)
            removed++
          }
        }
        paginationToken = page.paginationToken
      } while (paginationToken)
      // Files are moved after the last page. Moving them earlier would shift the pages, and some files would be passed over.
      await this.commitArtifacts(keep)
      return { kept: keep.length, removed }
    },
  }
}

const name = ({ jobId, attempt }: StagedBy) => `${jobId}/${attempt}`

const staged = (key: string) => `${STAGING}/${key}`

function folderOf({ organizationId, jobId, attempt }: Omit<ArtifactOwner, 'attempt'> & { attempt?: number }) {
  const known = UUID.test(organizationId) && UUID.test(jobId)
  if (!known || (attempt !== undefined && !(Number.isSafeInteger(attempt) && attempt >= 1))) {
    throw new Error('An artifact needs the ids of its organization and job and the number of its attempt')
  }
  return attempt === undefined ? `${organizationId}/${jobId}` : `${organizationId}/${jobId}/${attempt}`
}

function checkKey(storageKey: string) {
  if (!KEY.test(storageKey))
    throw new Error('This is not the storage key of an artifact: it must be <organization>/<job>/<attempt>/<random>')
}

function countBytes(source: Readable, signal: AbortSignal | undefined) {
  let size = 0
  let failed = false
  async function* count() {
    try {
      for await (const chunk of source) {
        signal?.throwIfAborted()
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
        size += bytes.byteLength
        yield bytes
      }
      signal?.throwIfAborted()
    } catch (error) {
      failed = true
      throw error
    }
  }
  // The loop above looks at the signal only between chunks. Destroying the source ends a wait for the next chunk, too.
  const stream = Readable.from(count(), { objectMode: false })
  // Nobody reads the source before its folder is made. An error that comes earlier, its own or the signal's, must not
  // end the process for want of a listener: whoever reads the stream later gets it.
  source.on('error', () => undefined)
  const stop = () => void source.destroy(signal?.reason as Error)
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', stop))
  return { stream, size: () => size, hasFailed: () => failed }
}

/** flydrive wraps what a stream threw. The caller who gave us the stream gets the original error. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error
}

/**
 * Storage did not take a file: its disk is full, read-only, gone, or no longer ours. Somebody has to repair the storage,
 * and then a retry works. So it is TRANSIENT, also where the same code would be PERMANENT for a handler's own files.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** The message leaves out the path, which means nothing to an organization. An error that is not the system's is returned as it is. */
function storageErrorOf(error: unknown): unknown {
  const cause = causeOf(error) as NodeJS.ErrnoException
  if (!/^E(?!RR_)[A-Z0-9]+$/.test(cause.code ?? '') || cause.syscall === undefined) return cause
  return new StorageError(`Storage did not take a file: ${cause.code} (${cause.syscall})`)
}

async function listOrNothing(disk: Disk, paginationToken: string | undefined) {
  try {
    return await disk.listAll(STAGING, { recursive: true, paginationToken })
  } catch (error) {
    const missing = (causeOf(error) as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing) return { objects: [], paginationToken: undefined }
    throw error
  }
}
