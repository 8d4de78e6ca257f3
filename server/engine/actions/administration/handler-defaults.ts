import type { Db, DbOrTx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { digestOf, followed, takesOver, type KeptDefaults } from '../../domain/handler-defaults'
import type { JobTypeDefinition } from '../../domain/job-type-config'
import { systemActor, type QueueName } from '../../domain/types'
import {
  defaultsOfOthers,
  storeDefaults,
  keptDefaults,
  lockDefaults,
  noteDefaults,
} from '../../store/administration/handler-defaults'
import { lockJobType } from '../../store/administration/job-types'
import { inTransaction } from '../../store/transaction'
import { changeJobType } from './job-types'
import { createMissingJobTypes } from './missing-job-types'

/** The name under which versions of job types and the audit note these changes. */
const HANDLERS = 'handlers'

/** A handler of a worker, with the settings that its job type begins with. Null where the handler makes no job type. */
export interface HandlerWithDefaults {
  key: string
  queue: QueueName
  jobType: JobTypeDefinition | null
}

/** The defaults that these handlers have, as digests. */
export const digestsOf = (handlers: readonly HandlerWithDefaults[]): Record<string, string> =>
  Object.fromEntries(handlers.map(({ key, jobType }) => [key, digestOf(jobType)]))

/**
 * Makes the job types of a worker's handlers where they are missing. Where a handler's defaults are others than before,
 * its job type takes over each setting that nobody has changed meanwhile, as a new version. What an administrator set
 * stays. Defaults that a newer version has replaced come back only when no other live worker has the newer ones
 * (rule 4.26). The handlers must have been registered (syncHandlers). Workers that start at the same moment wait for
 * each other.
 */
export async function adoptHandlerDefaults(
  db: Db,
  workerId: string,
  handlers: readonly HandlerWithDefaults[],
): Promise<void> {
  const queues = new Map(handlers.map(({ key, queue }) => [key, queue]))
  const types = handlers.flatMap(({ jobType }) => (jobType ? [jobType] : []))
  await inTransaction(db, async (tx) => {
    const before = await lockDefaults(tx, [...queues.keys()])
    // Each of these job types names the handler in whose file it stands, so its queue is known.
    await createMissingJobTypes(tx, types, (key) => queues.get(key) ?? 'ISOLATED', HANDLERS)
    const taken = await toTakeOver(tx, workerId, handlers, before)
    for (const { jobType: next, before: former } of taken) {
      // A handler without settings for a job type, now or before, leaves nothing to compare.
      if (!next || !former.defaults) continue
      const present = await lockJobType(tx, next.name)
      if (!present) continue
      const changes = followed({ former: former.defaults, next }, present)
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
        // The new defaults and what an administrator set do not fit together. The job type stays as it is, and its page
        // says what differs.
        if (!(error instanceof EngineError)) throw error
      }
    }
    await storeDefaults(
      tx,
      taken.map(({ key, jobType, before }) => ({ key, defaults: jobType, before })),
    )
    await noteDefaults(tx, workerId, digestsOf(handlers))
  })
}

/** Whether `adoptHandlerDefaults` would take something over. It locks nothing, so that a worker can ask again and again. */
export async function hasDefaultsToAdopt(
  db: DbOrTx,
  workerId: string,
  handlers: readonly HandlerWithDefaults[],
): Promise<boolean> {
  const kept = await keptDefaults(
    db,
    handlers.map(({ key }) => key),
  )
  return (await toTakeOver(db, workerId, handlers, kept)).length > 0
}

/** The handlers whose defaults are to replace the kept ones. */
async function toTakeOver(
  db: DbOrTx,
  workerId: string,
  handlers: readonly HandlerWithDefaults[],
  kept: ReadonlyMap<string, KeptDefaults>,
): Promise<(HandlerWithDefaults & { before: KeptDefaults })[]> {
  const differing = handlers.flatMap((handler) => {
    const before = kept.get(handler.key)
    return before && digestOf(handler.jobType) !== digestOf(before.defaults) ? [{ ...handler, before }] : []
  })
  if (differing.length === 0) return []
  const others = await defaultsOfOthers(db, workerId)
  return differing.filter(({ key, jobType, before }) => takesOver(jobType, before, others.get(key)))
}
