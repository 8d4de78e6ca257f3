import { setTimeout as sleep } from 'node:timers/promises'
import { adoptHandlerDefaults, digestsOf, installation, registerWorker, syncHandlers, warmUp } from '@/server/engine'
import type { Logger } from '@/server/logger'
import { handlerInfos } from './catalog/catalog'
import type { WorkerOptions } from './options'

/**
 * Tells the database that this worker is there and which handlers it has. Waits for as long as PostgreSQL does not
 * answer.
 *
 * @returns the installation's namespace, by which its queues are told from those of others in the same Redis
 */
export function joinInstallation(
  {
    connections,
    slots,
    crew,
    host,
    build,
    drainSeconds,
    handlerProblems,
    logger,
  }: Pick<
    WorkerOptions,
    'connections' | 'slots' | 'crew' | 'host' | 'build' | 'drainSeconds' | 'handlerProblems' | 'logger'
  >,
  workerId: string,
): Promise<string> {
  const { db, hotDb, hotConnections } = connections
  const handlers = handlerInfos()
  for (const { file, message } of handlerProblems) logger.error({ file }, `handlers: ${file} ${message}`)
  return untilConnected(logger, async () => {
    await syncHandlers(
      db,
      handlers.map(({ key, queue }) => ({ key, queue })),
    )
    await adoptHandlerDefaults(db, workerId, handlers)
    // Before it registers: from then on others count on its slots, and its first jobs shall not wait for connections.
    await warmUp(hotDb, hotConnections).catch((error: unknown) =>
      logger.warn({ err: error }, 'the first jobs will take longer: not all connections are ready'),
    )
    await registerWorker(db, {
      id: workerId,
      host,
      pid: process.pid,
      isolatedSlots: slots.ISOLATED,
      inlineSlots: slots.INLINE,
      ...build,
      drainSeconds,
      crew,
      handlerProblems,
      handlerDefaults: digestsOf(handlers),
    })
    return installation(db)
  })
}

/** PostgreSQL may still be starting, or go away again: each failed try is logged. `work` may run more than once. */
async function untilConnected<T>(logger: Logger, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      logger.warn({ err: error }, 'PostgreSQL does not answer yet; trying again')
      await sleep(1_000)
    }
  }
}
