import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { disappeared, type ByteRange, type StorageDriver } from './driver'
import { isMissing, openClient, type S3Settings } from './s3-client.mjs'
import { StorageError } from './storage-error'

const STAGING = 'staging'
/** An empty object that says: the file of this key is staged. */
const markerOf = (key: string) => `${STAGING}/${key}`

/**
 * Bytes of one part of a file. S3 takes at most 10,000 parts, so a file may have 80 GB. Two parts are in flight at once,
 * and a third is being filled: a write holds 24 MB at most, however large the file is.
 */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
/** Milliseconds for which the removal of parts is waited for. */
const PARTS_MS = 1_000

/**
 * Keeps files in a bucket of S3, or of a service that speaks its protocol. S3 cannot rename, and copies at most 5 GB.
 * So a file is written to where it stays, whole or not at all, and a marker under `staging/` says that it is staged.
 * The marker is written before the file and removed after it: a process that dies leaves a file that can be found.
 */
export class S3Driver implements StorageDriver {
  #opened: Promise<S3Client> | undefined

  constructor(private readonly settings: S3Settings) {}

  async stage(key: string, content: Readable | Uint8Array): Promise<void> {
    try {
      await this.#putBytes(markerOf(key), new Uint8Array())
    } catch (error) {
      if (content instanceof Readable) content.destroy()
      throw error
    }
    await this.put(key, content)
  }

  async put(key: string, content: Readable | Uint8Array): Promise<void> {
    if (!(content instanceof Readable)) return this.#putBytes(key, content)
    const { Upload } = await import('@aws-sdk/lib-storage')
    let failure: unknown
    content.once('error', (error) => (failure = error))
    const upload = new Upload({
      client: await this.#client(),
      params: { Bucket: this.settings.bucket, Key: key, Body: content },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      // They are removed below. The package would wait for that as long as it takes, and a canceled job with it.
      leavePartsOnError: true,
    })
    try {
      await upload.done()
    } catch (error) {
      content.destroy()
      await this.#removeParts(key, upload.uploadId)
      // What the stream itself threw belongs to whoever gave it to us.
      throw (failure ?? storageErrorOf(error, 'take')) as Error
    }
  }

  async keep(key: string): Promise<void> {
    const { HeadObjectCommand } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    await client.send(new HeadObjectCommand({ Bucket: this.settings.bucket, Key: key })).catch((error: unknown) => {
      throw isMissing(error) ? disappeared() : storageErrorOf(error, 'take')
    })
    await this.#delete(markerOf(key))
  }

  async staged(after?: string): Promise<{ keys: string[]; next: string | undefined }> {
    return this.#list(`${STAGING}/`, after).then(({ keys, next }) => ({
      keys: keys.map((key) => key.slice(STAGING.length + 1)),
      next,
    }))
  }

  async open(key: string, { start, end }: ByteRange = {}): Promise<Readable> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3')
    const range = start === undefined && end === undefined ? undefined : `bytes=${start ?? 0}-${end ?? ''}`
    const client = await this.#client()
    try {
      const got = await client.send(
        new GetObjectCommand({ Bucket: this.settings.bucket, Key: key, ...(range && { Range: range }) }),
      )
      if (got.Body instanceof Readable) return got.Body
      return Readable.from([])
    } catch (error) {
      throw isMissing(error) ? new Error('Storage has no such file.') : storageErrorOf(error, 'give')
    }
  }

  async remove(key: string): Promise<void> {
    // The marker goes last: as long as anything is left, it can be found.
    await this.#delete(key)
    await this.#delete(markerOf(key))
  }

  async removeFolder(folder: string): Promise<void> {
    for (const prefix of [`${folder}/`, `${markerOf(folder)}/`]) {
      // What was listed is gone afterwards, so the list begins again.
      for (let page; (page = await this.#list(prefix)).keys.length > 0;) {
        await this.#deleteAll(page.keys)
      }
    }
  }

  #client(): Promise<S3Client> {
    // Most threads and requests never touch a file, and the client takes a while to load.
    return (this.#opened ??= openClient(this.settings))
  }

  async #putBytes(key: string, content: Uint8Array): Promise<void> {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    await client
      .send(new PutObjectCommand({ Bucket: this.settings.bucket, Key: key, Body: content }))
      .catch((error: unknown) => {
        throw storageErrorOf(error, 'take')
      })
  }

  /** Parts that nothing will be made of. Those that cannot be removed at once are left to the bucket's own rules. */
  async #removeParts(key: string, uploadId: string | undefined): Promise<void> {
    if (uploadId === undefined) return
    const { AbortMultipartUploadCommand } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    const command = new AbortMultipartUploadCommand({ Bucket: this.settings.bucket, Key: key, UploadId: uploadId })
    await client.send(command, { abortSignal: AbortSignal.timeout(PARTS_MS) }).catch(() => undefined)
  }

  async #list(prefix: string, after?: string): Promise<{ keys: string[]; next: string | undefined }> {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    const page = await client
      .send(new ListObjectsV2Command({ Bucket: this.settings.bucket, Prefix: prefix, ContinuationToken: after }))
      .catch((error: unknown) => {
        throw storageErrorOf(error, 'list')
      })
    return {
      keys: (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])),
      next: page.IsTruncated ? page.NextContinuationToken : undefined,
    }
  }

  /** Removes up to 1,000 files, which is as many as a page of a list has and as S3 takes in one request. */
  async #deleteAll(keys: readonly string[]): Promise<void> {
    const { DeleteObjectsCommand } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true }
    const { Errors = [] } = await client
      .send(new DeleteObjectsCommand({ Bucket: this.settings.bucket, Delete }))
      .catch((error: unknown) => {
        if (!refusesTheRequest(error)) throw storageErrorOf(error, 'remove')
        return { Errors: keys.map((Key) => ({ Key, Code: 'NotImplemented' })) }
      })
    // What is left is removed one by one. The first that cannot be removed says why.
    for (const { Key } of Errors) if (Key !== undefined) await this.#delete(Key)
  }

  async #delete(key: string): Promise<void> {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3')
    const client = await this.#client()
    await client.send(new DeleteObjectCommand({ Bucket: this.settings.bucket, Key: key })).catch((error: unknown) => {
      if (!isMissing(error)) throw storageErrorOf(error, 'remove')
    })
  }
}

/**
 * Not every server that speaks S3 removes many files with one request, and they say so in several ways. What would refuse
 * a single file just as well, and what may be over in a moment, is not among them.
 */
function refusesTheRequest(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0
  return status === 501 || (status >= 400 && status < 500 && ![401, 403, 404, 408, 429].includes(status))
}

const WORDS = { take: 'take a file', give: 'give a file', list: 'list its files', remove: 'remove a file' }

/** The SDK's error holds the whole request, with its signature. Only its name or code is kept. */
function storageErrorOf(error: unknown, what: keyof typeof WORDS): StorageError {
  const { name, code } = error as { name?: string; code?: string }
  return new StorageError(`Storage did not ${WORDS[what]}: ${code ?? name ?? 'unknown'}`)
}
