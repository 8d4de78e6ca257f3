import type { QueueName } from '@/server/engine/domain/types'
import type { Handler } from '@/worker/handler'

interface CatalogEntry {
  /** With true it runs in a thread of its own, which can be terminated. It must agree with the handler's file. */
  isolated: boolean
  load(): Promise<{ default: Handler }>
}

/**
 * Every handler that a job type may name. This file is light enough to be imported anywhere: a handler's own file is
 * loaded only when it runs. The handler imports its heavy libraries inside `run`, because a bundler that puts
 * everything into one file turns lazy imports of the handlers into eager ones. (The paths end in `.ts`, because "work"
 * in `sample.work` would be taken for an extension.)
 */
const CATALOG: Readonly<Record<string, CatalogEntry>> = {
  'report.operations': { isolated: true, load: () => import('./report.operations.ts') },
  'export.jobs': { isolated: true, load: () => import('./export.jobs.ts') },
  'import.csv': { isolated: true, load: () => import('./import.csv.ts') },
  'http.request': { isolated: false, load: () => import('./http.request.ts') },
  'sample.work': { isolated: true, load: () => import('./sample.work.ts') },
  'sample.noop': { isolated: false, load: () => import('./sample.noop.ts') },
}

/** The keys of all shipped handlers. */
export const HANDLER_KEYS: readonly string[] = Object.keys(CATALOG)

/** How a handler wants to be run. Undefined when no handler has this key. */
export function handlerInfo(key: string): { isolated: boolean } | undefined {
  const entry = find(key)
  return entry && { isolated: entry.isolated }
}

/** The queue for a handler's jobs. An unknown handler gets a thread of its own, which is the safer choice. */
export const queueOf = (key: string): QueueName => (handlerInfo(key)?.isolated === false ? 'INLINE' : 'ISOLATED')

/**
 * Loads a handler's code. Throws when no handler has this key, because then the job type names a handler that this
 * version of the worker does not have.
 */
export async function loadHandler(key: string): Promise<Handler> {
  const entry = find(key)
  if (!entry) throw new Error(`No handler "${key}". Known handlers: ${HANDLER_KEYS.join(', ')}.`)
  return (await entry.load()).default
}

const find = (key: string) => (Object.hasOwn(CATALOG, key) ? CATALOG[key] : undefined)
