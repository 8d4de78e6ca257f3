import { adoptHandlerDefaults, noteHandlerProblems, syncHandlers, type Db } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { handlerInfos, takeBuiltHandlers } from './catalog/catalog'
import { forgetLoaded } from './run/inline'

/** What `npm run dev` says when somebody has changed a handler, and neither its key nor where it runs. */
export interface NewBuild {
  type: 'handlers'
  folder: string
}

/**
 * Takes another build of one's own handlers without a restart, when the supervisor says so. Jobs that run go on with
 * the code that they began with. Called before the worker has started, so that no message is missed.
 */
export function followBuilds(started: Promise<{ id: string }>, db: Db, logger: Logger): void {
  process.on('message', (message: Partial<NewBuild> | null) => {
    if (message?.type !== 'handlers' || !message.folder) return
    const problems = takeBuiltHandlers(message.folder)
    forgetLoaded()
    started
      .then(({ id }) => announceHandlers(id, db, problems))
      .then(
        () => logger.info('took the handlers that have changed'),
        (error: unknown) =>
          logger.error({ err: error }, 'the changed handlers run, but their job types were not updated'),
      )
  })
}

async function announceHandlers(
  workerId: string,
  db: Db,
  problems: ReturnType<typeof takeBuiltHandlers>,
): Promise<void> {
  const handlers = handlerInfos()
  await syncHandlers(
    db,
    handlers.map(({ key, queue }) => ({ key, queue })),
  )
  await adoptHandlerDefaults(db, workerId, handlers)
  await noteHandlerProblems(db, workerId, problems)
}
