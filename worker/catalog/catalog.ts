import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { JobTypeDefinition } from '@/server/engine/domain/job-type-config'
import type { QueueName } from '@/server/engine/domain/types'
import type { Handler } from '@jobyard/handler'
import { readBuilt, type HandlerProblem } from './built'
import { jobTypeOf } from './job-type-of'
import { SHIPPED } from './shipped'

// Knows the handlers that a worker has: those that ship with Jobyard and those of a folder of one's own.

export type { HandlerProblem } from './built'

interface Entry {
  /** With true it runs in a thread of its own, which can be terminated. */
  isolated: boolean
  jobType: JobTypeDefinition | null
  load(): Promise<Handler>
}

/** What a process tells the database about a handler. */
export interface HandlerInfo {
  key: string
  queue: QueueName
  /** The settings that its job type begins with. Null where it makes none. */
  jobType: JobTypeDefinition | null
}

const shipped = new Map<string, Entry>(
  SHIPPED.map((handler) => [
    handler.key,
    { isolated: handler.isolated, jobType: jobTypeOf(handler), load: () => Promise.resolve(handler) },
  ]),
)
let own = new Map<string, Entry>()
let folderTaken: string | null = null
let ownProblems: HandlerProblem[] = []

/** The job types that an empty Jobyard starts with. After that, administrators change them. */
export const SHIPPED_JOB_TYPES: readonly JobTypeDefinition[] = [...shipped.values()].flatMap(({ jobType }) =>
  jobType ? [jobType] : [],
)

/**
 * From now on this thread also has the handlers of a build (worker/catalog/built.ts). Null: none but those that ship.
 * The code of a handler is loaded when its first job runs.
 *
 * @returns the files that are no handlers that can run
 */
export function takeBuiltHandlers(folder: string | null): HandlerProblem[] {
  if (folder === folderTaken) return ownProblems
  const { handlers, problems } = readBuilt(folder)
  own = new Map(
    handlers.map(({ key, isolated, jobType, file }) => {
      const { href } = pathToFileURL(path.join(folder ?? '', file))
      const load = async () => ((await import(/* @vite-ignore */ href)) as { default: Handler }).default
      return [key, { isolated, jobType, load }]
    }),
  )
  folderTaken = folder
  ownProblems = problems
  return problems
}

/** The build that this thread has its own handlers from. */
export const ownFolder = (): string | null => folderTaken

/** The keys of all handlers that this process can run. */
export const handlerKeys = (): string[] => [...shipped.keys(), ...own.keys()]

/** All handlers that this process can run. */
export const handlerInfos = (): HandlerInfo[] =>
  [...shipped, ...own].map(([key, { jobType }]) => ({ key, queue: queueOf(key), jobType }))

/** Whether a handler wants a thread of its own. Undefined when no handler has this key. */
export const isIsolated = (key: string): boolean | undefined => find(key)?.isolated

/** The queue for a handler's jobs. An unknown handler gets a thread of its own, which is the safer choice. */
export const queueOf = (key: string): QueueName => (isIsolated(key) === false ? 'INLINE' : 'ISOLATED')

/**
 * Loads a handler's code. Throws when no handler has this key, because then the job type names a handler that this
 * version of the worker does not have.
 */
export async function loadHandler(key: string): Promise<Handler> {
  const entry = find(key)
  if (!entry) throw new Error(`No handler "${key}". Known handlers: ${handlerKeys().join(', ')}.`)
  return entry.load()
}

/** A handler that ships wins over one of the same key. */
const find = (key: string): Entry | undefined => shipped.get(key) ?? own.get(key)
