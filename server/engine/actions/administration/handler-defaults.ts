import type { Db } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { followed } from '../../domain/handler-defaults'
import type { JobTypeDefinition } from '../../domain/job-type-config'
import { systemActor, type QueueName } from '../../domain/types'
import { storeDefaults, lockDefaults } from '../../store/administration/handler-defaults'
import { lockJobType } from '../../store/administration/job-types'
import { inTransaction } from '../../store/transaction'
import { changeJobType } from './job-types'
import { createMissingJobTypes } from './missing-job-types'

const HANDLERS = 'handlers'

/**
 * Makes the job types of these handlers where they are missing. Where a handler's defaults are others than before, its
 * job type takes over each setting that nobody has changed meanwhile, as a new version. What an administrator set
 * stays. The handlers must have been registered (syncHandlers). Workers that start at the same moment wait for each
 * other.
 */
export async function adoptHandlerDefaults(
  db: Db,
  handlers: readonly { key: string; queue: QueueName; jobType: JobTypeDefinition | null }[],
): Promise<void> {
  const queues = new Map(handlers.map(({ key, queue }) => [key, queue]))
  const types = handlers.flatMap(({ jobType }) => (jobType ? [jobType] : []))
  await inTransaction(db, async (tx) => {
    const before = await lockDefaults(tx, [...queues.keys()])
    await createMissingJobTypes(tx, types, (key) => queues.get(key) ?? 'ISOLATED', HANDLERS)
    for (const next of types) {
      const former = before.get(next.name)
      const present = former && (await lockJobType(tx, next.name))
      if (!former || !present) continue
      const changes = followed({ former, next }, present)
      if (Object.keys(changes).length === 0) continue
      try {
        await changeJobType(tx, {
          name: next.name,
          changes,
          actor: systemActor(HANDLERS),
          address: null,
          reason: 'The file of its handler says so now.',
        })
      } catch (error) {
        // What an administrator set does not go with the new defaults. It stays, and the page of the type says what
        // differs.
        if (!(error instanceof EngineError)) throw error
      }
    }
    await storeDefaults(
      tx,
      handlers.map(({ key, jobType }) => ({ key, defaults: jobType })),
    )
  })
}
