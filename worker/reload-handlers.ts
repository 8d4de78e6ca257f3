import { adoptHandlerDefaults, noteHandlerProblems, syncHandlers, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { handlerInfos, takeBuiltHandlers, type HandlerProblem } from './catalog/catalog'
import { forgetLoaded } from './run/inline'

/**
 * What `npm run dev` tells the worker after a handler's code was changed. Where its key or its thread changed too,
 * `npm run dev` restarts the worker instead.
 */
export interface HandlersChanged {
  type: 'handlers'
  /** The folder of the new build. */
  folder: string
}

/**
 * Takes another build of one's own handlers without a restart, when `npm run dev` says so. Jobs that run go on with the
 * code that they began with. The listener must be there before the worker tells that it is ready: from then on
 * `npm run dev` sends messages.
 *
 * @returns a listener for the messages of the process that started this one
 */
export function handlersReloader(
  started: Promise<{ id: string }>,
  db: Db,
  logger: Logger,
): (message: Partial<HandlersChanged> | null) => void {
  // One build after the other, so that the last one has the last word on what is wrong with its files.
  let registered: Promise<unknown> = Promise.resolve()
  return (message) => {
    if (message?.type !== 'handlers' || !message.folder) return
    const problems = reload(message.folder, logger)
    if (problems) registered = registered.then(() => register(started, db, problems, logger))
  }
}

/** What is wrong with the files of a build. Null where the build cannot be read. Then the handlers stay as they are. */
function reload(folder: string, logger: Logger): HandlerProblem[] | null {
  try {
    const problems = takeBuiltHandlers(folder)
    forgetLoaded()
    return problems
  } catch (error) {
    logger.error(
      { err: error, folder },
      'the changed handlers cannot be read, and the worker goes on with the old ones',
    )
    return null
  }
}

async function register(
  started: Promise<{ id: string }>,
  db: Db,
  problems: readonly HandlerProblem[],
  logger: Logger,
): Promise<void> {
  // A worker that does not start ends with an error of its own.
  const worker = await started.catch(() => null)
  if (!worker) return
  try {
    await registerHandlers(worker.id, db, problems)
    logger.info('took the handlers that have changed')
  } catch (error) {
    logger.error({ err: error }, 'the changed handlers run, but their job types were not updated')
  }
}

/**
 * Writes down which handlers this worker has, what their job types begin with, and which files cannot run. The first
 * must come before the second, which needs the handlers' rows.
 */
async function registerHandlers(workerId: string, db: Db, problems: readonly HandlerProblem[]): Promise<void> {
  const handlers = handlerInfos()
  await syncHandlers(
    db,
    handlers.map(({ key, queue }) => ({ key, queue })),
  )
  await adoptHandlerDefaults(db, workerId, handlers)
  await noteHandlerProblems(db, workerId, problems)
}
