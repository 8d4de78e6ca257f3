import { adoptHandlerDefaults, hasDefaultsToAdopt, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { handlerInfos } from './catalog/catalog'

/** Milliseconds from one look to the next. */
const EVERY_MS = 5_000

/**
 * Looks every 5 s whether job types are to take over the defaults of this worker's handlers. They are as soon as the
 * workers with other defaults are gone: after a return to an older version, and where two versions started at the same
 * moment.
 *
 * @returns a function that ends it
 */
export function followDefaults(db: Db, workerId: string, logger: Logger): () => void {
  let looking = false
  const look = async () => {
    const handlers = handlerInfos()
    if (await hasDefaultsToAdopt(db, workerId, handlers)) await adoptHandlerDefaults(db, workerId, handlers)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => logger.debug({ err: error }, 'the defaults of handlers were not looked at'))
      .finally(() => (looking = false))
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
