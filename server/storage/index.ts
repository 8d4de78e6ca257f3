import { resolve } from 'node:path'
import { createArtifactStore, type ArtifactStore } from './artifacts'
import type { StorageDriver } from './driver'
import { FolderDriver } from './folder-driver'
import { s3Settings, type S3Settings } from './s3-client.mjs'
import { S3Driver } from './s3-driver'
import { createUploadStore, type UploadStore } from './uploads'

// Opens the storage for files, in a folder or in S3.

export type { ArtifactOwner, ArtifactStore, StagedArtifact } from './artifacts'
export type { ByteRange } from './driver'
export type { Segment, UploadStore } from './uploads'

/** Where files are kept. Plain data, because it is handed to threads. */
export type StorageSettings = { directory: string } | { s3: S3Settings }

/** What the environment says: a bucket where `STORAGE_S3_BUCKET` is set, otherwise the folder `STORAGE_DIR`. */
export function storageSettings(env: { STORAGE_DIR: string; [name: string]: unknown }): StorageSettings {
  const s3 = s3Settings(env as Record<string, string | undefined>)
  return s3 ? { s3 } : { directory: resolve(env.STORAGE_DIR) }
}

/** Opens the store of artifacts. `STORAGE_DIR` need not exist: it is made when a file is written, such as the trial of a start. */
export const openArtifactStore = (settings: StorageSettings): ArtifactStore => createArtifactStore(driverOf(settings))

/** Opens the store of uploads. It lies in the same folder or bucket as the artifacts. */
export const openUploadStore = (settings: StorageSettings): UploadStore => createUploadStore(driverOf(settings))

const driverOf = (settings: StorageSettings): StorageDriver =>
  's3' in settings ? new S3Driver(settings.s3) : new FolderDriver(settings.directory)
