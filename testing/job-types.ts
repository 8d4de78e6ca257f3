import type { DbOrTx } from '@/server/db'
import { createMissingJobTypes } from '@/server/engine'
import type { JobTypeDefinition } from '@/server/engine/domain/job-type-config'

/** Creates job types with the handlers that tests of the engine name: `sample.noop` and `sample.work`. */
export const createJobTypes = (db: DbOrTx, definitions: readonly JobTypeDefinition[]): Promise<void> =>
  createMissingJobTypes(db, definitions, (handler) => (handler === 'sample.noop' ? 'INLINE' : 'ISOLATED'))
