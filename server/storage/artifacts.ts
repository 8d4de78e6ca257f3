import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { countBytes } from './count-bytes'
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
   * Stages a file. It rejects when the stream fails or `signal` fires, and then it removes what was written. Where that
   * fails, too, the sweep finds the file.
   */
  stageArtifact(
    owner: ArtifactOwner,
    content: Readable | Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<StagedArtifact>
  /**
   * Moves staged files to where they stay, once rows name them. A file that was moved before, by whomever, is no error.
   */
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
    /**
     * The storage keys that rows of these jobs name. It is asked after `running`: an attempt that runs no more has
     * written its rows by then.
     */
    named: (jobIds: string[]) => Promise<string[]>
  }): Promise<{ kept: number; removed: number }>
}

/** An attempt that has staged files. */
export interface StagedBy {
  jobId: string
  attempt: number
}

const KEY = new RegExp(`^${UUID_FORM}/${UUID_FORM}/[1-9][0-9]{0,9}/${UUID_FORM}$`)

/**
 * Artifacts in any storage. Keys are `<organization>/<job>/<attempt>/<random>`, so no part of a path comes from a user.
 */
export function createArtifactStore(driver: StorageDriver): ArtifactStore {
  return {
    async stageArtifact(owner, content, { signal } = {}) {
      const storageKey = `${folderOf(owner)}/${randomUUID()}`
      const counted = content instanceof Readable ? countBytes(content, signal) : undefined
      try {
        signal?.throwIfAborted()
        await driver.stage(storageKey, counted?.stream ?? content)
        return { storageKey, size: counted?.size() ?? (content as Uint8Array).byteLength }
      } catch (error) {
        await driver.remove(storageKey).catch(() => undefined)
        if (signal?.aborted) throw signal.reason
        throw counted?.failure() ?? error
      }
    },

    async commitArtifacts(storageKeys) {
      for (const key of storageKeys) {
        checkKey(key)
        await driver.keep(key)
      }
    },

    async openArtifact(storageKey, range = {}) {
      checkKey(storageKey)
      return driver.open(storageKey, range)
    },

    async removeArtifacts(storageKeys) {
      for (const key of storageKeys) {
        checkKey(key)
        await driver.remove(key)
      }
    },

    async removeArtifactsOf(owner) {
      await driver.removeFolder(folderOf(owner))
    },

    async settleAbandoned({ running, named }) {
      const keep: string[] = []
      let removed = 0
      let after: string | undefined
      do {
        const page = await driver.staged(after)
        // The files are listed before we ask who runs, so a file of an attempt that begins in between is not in the
        // list. Keys of another form were not staged by this code, and stay.
        const files = page.keys.flatMap((key) => {
          const [, jobId, attempt] = key.split('/')
          return KEY.test(key) ? [{ key, jobId: jobId!, attempt: Number(attempt) }] : []
        })
        const alive = new Set(
          (files.length > 0 ? await running(files.map(({ jobId, attempt }) => ({ jobId, attempt }))) : []).map(name),
        )
        const left = files.filter((file) => !alive.has(name(file)))
        const wanted = new Set(left.length > 0 ? await named([...new Set(left.map(({ jobId }) => jobId))]) : [])
        for (const { key } of left) {
          if (wanted.has(key)) keep.push(key)
          else {
            await driver.remove(key)
            removed++
          }
        }
        after = page.next
      } while (after)
      // Kept last: this rejects where a named file has gone from storage, and that must not stop the removal of others.
      await this.commitArtifacts(keep)
      return { kept: keep.length, removed }
    },
  }
}

const name = ({ jobId, attempt }: StagedBy) => `${jobId}/${attempt}`

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
