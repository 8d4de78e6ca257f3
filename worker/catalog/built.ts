import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { JobTypeDefinition } from '@/server/engine/domain/job-type-config'

// Reads the build of the handlers in one's own folder.

/** A handler of one's own, as its build describes it: all that is known of it without loading its code. */
export interface BuiltHandler {
  key: string
  isolated: boolean
  /** Null where the handler makes no job type. */
  jobType: JobTypeDefinition | null
  /** The file to load, inside the folder of the build. */
  file: string
}

/** A file that is no handler that can run, and why. */
export interface HandlerProblem {
  /** Its name in the folder of handlers. */
  file: string
  /** What is wrong, and the way out. */
  message: string
}

/** What a build of the folder JOBYARD_HANDLERS made (launcher/handlers.mjs). */
export interface BuiltHandlers {
  handlers: BuiltHandler[]
  problems: HandlerProblem[]
}

/** The file of a build that describes it. */
const DESCRIPTION = 'catalog.json'
/** Beside the worker's own file: the name of the latest build, for a worker that nobody tells which one to take. */
const LATEST = 'handlers/latest'

const NOTHING: BuiltHandlers = { handlers: [], problems: [] }

/**
 * Reads what a build made. No folder means that there are no handlers of one's own.
 *
 * @throws Error where the folder holds no build
 */
export function readBuilt(folder: string | null): BuiltHandlers {
  if (folder === null) return NOTHING
  return JSON.parse(readFileSync(path.join(folder, DESCRIPTION), 'utf8')) as BuiltHandlers
}

/**
 * The folder of the build that a worker takes its handlers from: the one that it is told, or the latest beside its own
 * file. Null where there is none.
 */
export function builtFolder(told: string | undefined, besideWorker: string): string | null {
  if (told) return told
  try {
    const name = readFileSync(path.join(besideWorker, LATEST), 'utf8').trim()
    return name === '' ? null : path.join(besideWorker, 'handlers', name)
  } catch {
    return null
  }
}
