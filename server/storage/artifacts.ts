import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Disk } from 'flydrive'
import type { ByteRange, StorageDriver } from './driver'
import { UUID, UUID_FORM } from '@/server/engine/domain/uuid'

/** The attempt that an artifact belongs to. */
export interface ArtifactOwner {
  organizationId: string
  jobId: string
  attempt: number
}

/** A file as it lies in storage; name and content type are the database's matter. */
export interface StagedArtifact {
  storageKey: string
  /** Bytes. */
  size: number
}

/**
 * Keeps the files of jobs. Every file has two lives: staged until a row of the database names it, then kept.
 * The row comes first: whoever dies between row and move leaves a staged file, which the sweep finds; a kept
 * file that no row names would be found by nobody.
 */
export interface ArtifactStore {
  /**
   * Writes a file that nothing names yet. When it rejects (the stream failed, or `signal` fired),
   * what was written is gone.
   */
  stageArtifact(
    owner: ArtifactOwner,
    content: Readable | Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<StagedArtifact>
  /** Moves files that a row names now to where they stay. Moving one that was moved, also just now by another, is no error. */
  commitArtifacts(storageKeys: readonly string[]): Promise<void>
  /** A stream of the file, kept or still staged, or of a part of it. Rejects when there is none. */
  openArtifact(storageKey: string, range?: ByteRange): Promise<Readable>
  /** Removes files, staged or kept. Those that are absent are no error. */
  removeArtifacts(storageKeys: readonly string[]): Promise<void>
  /** Removes all files of a job, or of one of its attempts. */
  removeArtifactsOf(owner: Omit<ArtifactOwner, 'attempt'> & { attempt?: number }): Promise<void>
  /** Keeps or removes what attempts have left staged whose process died: what a row names is kept. */
  settleAbandoned(ask: {
    /** Which of these still run: theirs is left alone. */
    running: (attempts: StagedBy[]) => Promise<StagedBy[]>
    /** The storage keys that rows name, of these jobs; asked after `running`. */
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

/** Artifacts on any driver. Keys are `<organization>/<job>/<attempt>/<random>`: nothing in a path comes from a user. */
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
        if (!(await disk.exists(key))) throw new Error('An artifact is gone from storage before it was kept')
      }
    },

    async openArtifact(storageKey, range = {}) {
      checkKey(storageKey)
      const open = (key: string) => driver.getRange(key, range)
      // The third look is for a file that is moved between the first two.
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
        // Listed before it is asked who runs: a file of an attempt that began in between is not in the list.
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
      // Afterwards: pages of a list that shrinks in other ways than by what was read would leave some out.
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
  if (!KEY.test(storageKey)) throw new Error('Not the storage key of an artifact')
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
  // A source that waits for its next chunk would not notice the signal.
  const stream = Readable.from(count(), { objectMode: false })
  const stop = () => void source.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', stop, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', stop))
  return { stream, size: () => size, hasFailed: () => failed }
}

/** flydrive wraps what a stream threw; whoever gave the stream wants to see its own error. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error
}

/**
 * Storage did not take a file: a disk that is full, read-only, lost, or not ours any more. Whatever its code says of
 * a handler's own files, here somebody has to put storage right, and then the same attempt works: TRANSIENT.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** Without the path, which tells the organization nothing. What the system did not refuse is its caller's mistake. */
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
