import type { StorageSettings } from '@/server/storage'
import { whyUnusable } from '@/server/storage/usable'
import type { Problem } from './problem'

/** Finds out whether files can be kept where the settings say. Null where they can. */
export async function storageProblem(storage: StorageSettings): Promise<Problem | null> {
  const message = await whyUnusable(storage)
  return message ? { about: 'storage', message, mayPass: false } : null
}
