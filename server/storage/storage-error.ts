/**
 * Storage did not take or give a file: its disk is full, read-only, gone, or no longer ours, or its server is away.
 * Somebody has to repair the storage, and then a retry works. So it is TRANSIENT, also where the same code would be
 * PERMANENT for a handler's own files. The message holds no path and no address.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}
