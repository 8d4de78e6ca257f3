import type { QueueName } from '@/server/engine/domain/types'
import type { Handler } from '@/worker/handler'

interface CatalogEntry {
  /** true: runs in a thread of its own, which can be terminated. Must agree with the handler's file. */
  isolated: boolean
  load(): Promise<{ default: Handler }>
}

/**
 * Every handler that a job type may name. (With the `.ts`: "work" would be taken for an extension.) Light enough to import anywhere: a handler's file is read
 * only when it runs, and it imports its heavy libraries inside `run`, because a bundler turns these
 * lazy imports into eager ones wherever it puts everything into one file.
 */
const CATALOG: Readonly<Record<string, CatalogEntry>> = {
  'report.operations': { isolated: true, load: () => import('./report.operations.ts') },
  'export.jobs': { isolated: true, load: () => import('./export.jobs.ts') },
  'http.request': { isolated: false, load: () => import('./http.request.ts') },
  'sample.work': { isolated: true, load: () => import('./sample.work.ts') },
  'sample.noop': { isolated: false, load: () => import('./sample.noop.ts') },
}

/** The keys of all shipped handlers. */
export const HANDLER_KEYS: readonly string[] = Object.keys(CATALOG)

/** How a handler wants to be run; undefined when no handler has this key. */
export function handlerInfo(key: string): { isolated: boolean } | undefined {
  const entry = find(key)
  return entry && { isolated: entry.isolated }
}

/** The queue of a handler's jobs; one that nobody knows gets a thread of its own, to be on the safe side. */
export const queueOf = (key: string): QueueName => (handlerInfo(key)?.isolated === false ? 'INLINE' : 'ISOLATED')

/**
 * Loads a handler's code. Throws when no handler has this key: the job type names one that this
 * version of the worker does not ship.
 */
export async function loadHandler(key: string): Promise<Handler> {
  const entry = find(key)
  if (!entry) throw new Error(`No handler "${key}". Known handlers: ${HANDLER_KEYS.join(', ')}.`)
  return (await entry.load()).default
}

const find = (key: string) => (Object.hasOwn(CATALOG, key) ? CATALOG[key] : undefined)
