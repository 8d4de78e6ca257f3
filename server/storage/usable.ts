import type { StorageSettings } from './index'
import { bucketUnusable, whyBucketUnusable } from './s3-client.mjs'
import { notWritable, tightenStorage, whyNotWritable } from './writable.mjs'

/**
 * Ends the process with one line where files cannot be kept. Otherwise jobs would run, and then fail because what they
 * made cannot be stored, and uploads would be lost. Closes a folder that an earlier version left open to other users.
 */
export async function requireStorage(settings: StorageSettings): Promise<void> {
  const why = await whyUnusable(settings)
  if (why) {
    process.stderr.write(`Jobyard cannot start: ${why}\n`)
    process.exit(1)
  }
  if ('directory' in settings) tightenStorage(settings.directory)
}

/** Why files cannot be kept, in one line. Empty where they can. */
export async function whyUnusable(settings: StorageSettings): Promise<string> {
  if ('s3' in settings) {
    const why = await whyBucketUnusable(settings.s3)
    return why && bucketUnusable(settings.s3, why)
  }
  const why = whyNotWritable(settings.directory)
  return why && notWritable(settings.directory, why)
}
